import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { watchFile } from '../../../gateway/control/watch-file.ts'

test('a file that is written to, or replaced by another, is seen', async (t) => {
  const { folder, file, change } = await watched(t)
  let seen = change()
  await writeFile(file, 'two')
  await seen
  seen = change()
  await writeFile(join(folder, 'new'), 'three')
  await rename(join(folder, 'new'), file)
  await seen
})

test('a mounted folder that is swapped as a whole is seen', async (t) => {
  const folder = await temporaryFolder(t)
  const publish = async (version: string) => {
    await mkdir(join(folder, version))
    await writeFile(join(folder, version, 'dispatch.yaml'), version)
    await symlink(version, join(folder, '..next'))
    await rename(join(folder, '..next'), join(folder, '..data'))
  }
  await publish('..1')
  await symlink('..data/dispatch.yaml', join(folder, 'dispatch.yaml'))
  const seen = Promise.withResolvers<void>()
  t.after(watchFile(join(folder, 'dispatch.yaml'), seen.resolve, seen.reject))
  await publish('..2')
  await seen.promise
})

test('many steps of one change are one change, and other files are none', async (t) => {
  const { folder, file, calls, change } = await watched(t)
  await writeFile(join(folder, 'other.txt'), 'x')
  const seen = change()
  for (let i = 0; i < 5; i++) writeFileSync(file, `step ${i}`)
  await seen
  await new Promise((resolve) => setTimeout(resolve, 250))
  assert.equal(calls(), 1)
})

test('a folder that is not there is told, not thrown', async () => {
  const failed = Promise.withResolvers<Error>()
  watchFile('/nowhere/dispatch.yaml', () => {}, failed.resolve)()
  assert.match((await failed.promise).message, /ENOENT/)
})

async function watched(t: TestContext) {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'dispatch.yaml')
  await writeFile(file, 'one')
  let calls = 0
  let next = Promise.withResolvers<void>()
  const end = watchFile(
    file,
    () => {
      calls++
      next.resolve()
      next = Promise.withResolvers()
    },
    (error) => next.reject(error),
  )
  t.after(end)
  return { folder, file, calls: () => calls, change: () => next.promise }
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-test-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}
