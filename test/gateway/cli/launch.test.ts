import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { parse } from 'acorn'
import { PROJECT_FOLDER } from '../../../gateway/cli/config-file.ts'

const LAUNCHER = join(PROJECT_FOLDER, 'gateway/cli/launch.js')

test('the launcher starts the command line', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [LAUNCHER, '--version'])
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
})

test('a Node that is too old is told what to do, in words that it can read', async () => {
  const source = await readFile(LAUNCHER, 'utf8')
  parse(source, { ecmaVersion: 2022, sourceType: 'module', allowHashBang: true })
  const pretended = source.replace('process.versions.node', JSON.stringify('20.11.0'))
  assert.notEqual(pretended, source)
  await assert.rejects(
    promisify(execFile)(process.execPath, ['--input-type=module', '--eval', pretended.replace(/^#!.*/, '')]),
    (error: { code: number; stderr: string; stdout: string }) => {
      assert.equal(error.code, 1)
      assert.equal(error.stdout, '')
      assert.match(error.stderr, /needs Node 26, this is 20\.11\.0/)
      assert.match(error.stderr, /npm start[\s\S]*npx dispatch/)
      assert.match(error.stderr, /optional\s+dependencies/)
      return true
    },
  )
})
