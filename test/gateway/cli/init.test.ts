import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { QUICK_START_FOLDER } from '../../../gateway/cli/config-file.ts'
import { temporaryFolder } from '../development/temporary-folder.ts'
import { run } from './run.ts'

test('init copies the quick start, and keeps made keys out of version control', async (t) => {
  const cwd = await temporaryFolder(t)
  const { code, stdout } = await run(['init', 'mine'], { cwd })
  assert.equal(code, 0)
  assert.match(stdout, /Run it: npx dispatch up --config mine\/dispatch\.yaml\n$/)
  assert.deepEqual((await readdir(join(cwd, 'mine'))).sort(), ['.gitignore', 'dispatch.yaml', 'functions'])
  for (const file of ['dispatch.yaml', 'functions/hello.js', 'functions/echo.js', 'functions/clock.js']) {
    const copied = await readFile(join(cwd, 'mine', file), 'utf8')
    assert.equal(copied, await readFile(join(QUICK_START_FOLDER, file), 'utf8'))
  }
  assert.equal(await readFile(join(cwd, 'mine/.gitignore'), 'utf8'), '.dispatch/\n')
})

test('init writes nothing when one of the files is there', async (t) => {
  const cwd = await temporaryFolder(t)
  await writeFile(join(cwd, 'dispatch.yaml'), 'mine')
  const { code, stdout, stderr } = await run(['init'], { cwd })
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /dispatch\.yaml is there already/)
  assert.deepEqual(await readdir(cwd), ['dispatch.yaml'])
  assert.equal(await readFile(join(cwd, 'dispatch.yaml'), 'utf8'), 'mine')
})

test('init says so where no folder can be made', {
  skip: existsSync('/proc') ? false : 'there is no /proc here',
}, async () => {
  const { code, stderr } = await run(['init', '/proc/new/folder'])
  assert.equal(code, 1)
  assert.match(stderr, /the folder \/proc\/new cannot be made/)
})
