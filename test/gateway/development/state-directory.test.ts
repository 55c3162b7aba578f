import assert from 'node:assert/strict'
import { readdir, stat } from 'node:fs/promises'
import { test } from 'node:test'
import { stateDirectoryOf } from '../../../gateway/development/state-directory.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('nothing is written before the first file, and then only its owner may read it', async (t) => {
  const folder = await temporaryFolder(t)
  const state = stateDirectoryOf(folder)
  assert.equal(await state.read('secret'), null)
  assert.deepEqual(await readdir(folder), [])

  await state.write('secret', 'one')
  await state.readOrCreate('other', () => 'two')
  assert.equal((await stat(state.directory)).mode & 0o777, 0o700)
  assert.equal((await stat(state.path('secret'))).mode & 0o777, 0o600)
  assert.equal((await stat(state.path('other'))).mode & 0o777, 0o600)
})

test('of many that create the same file at once one wins and all read its content', async (t) => {
  const folder = await temporaryFolder(t)
  const contents = await Promise.all(
    Array.from({ length: 20 }, (_, i) => stateDirectoryOf(folder).readOrCreate('key', () => `content ${i}`)),
  )
  assert.equal(new Set(contents).size, 1)
  assert.deepEqual(await readdir(stateDirectoryOf(folder).directory), ['key'])
})

test('a file that is there is not made again', async (t) => {
  const state = stateDirectoryOf(await temporaryFolder(t))
  await state.write('key', 'kept')
  assert.equal(await state.readOrCreate('key', () => assert.fail('made again')), 'kept')
})

test('a write leaves no draft behind and replaces what was there', async (t) => {
  const state = stateDirectoryOf(await temporaryFolder(t))
  await state.write('file', 'old')
  await state.write('file', 'new')
  assert.equal(await state.read('file'), 'new')
  assert.deepEqual(await readdir(state.directory), ['file'])
  await state.remove('file')
  await state.remove('file')
  assert.equal(await state.read('file'), null)
})
