import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { MANAGEMENT_TOKEN_FILE, openManagementToken } from '../../../gateway/development/management-token.ts'
import { stateDirectoryOf } from '../../../gateway/development/state-directory.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('the management token is 256 random bits, made once and kept', async (t) => {
  const state = stateDirectoryOf(await temporaryFolder(t))
  const [one, two] = await Promise.all([openManagementToken(state), openManagementToken(state)])
  assert.equal(one, two)
  assert.equal(Buffer.from(one, 'base64url').length, 32)
  assert.equal(await readFile(state.path(MANAGEMENT_TOKEN_FILE), 'utf8'), `${one}\n`)
  const elsewhere = await openManagementToken(stateDirectoryOf(await temporaryFolder(t)))
  assert.notEqual(elsewhere, one)
})
