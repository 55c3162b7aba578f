import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiKeys } from '../../../gateway/identity/api-keys.ts'
import { run } from './run.ts'

test('a key that it makes is one that the gateway finds by the hash', async () => {
  const { code, stdout } = await run(['hash-key'])
  assert.equal(code, 0)
  const [, key, hash] = /^key {3}(dk_[\w-]{43})\nhash {2}(sha256:[0-9a-f]{64})\n$/.exec(stdout) ?? []
  const keys = new ApiKeys([
    { name: 'ci', hash: hash!, organization: 'default', scopes: [], roles: [], expires: null },
  ])
  const principal = keys.find(key!, Date.now())
  assert.equal(typeof principal === 'object' && principal.subject, 'ci')
  assert.notEqual((await run(['hash-key'])).stdout, stdout)
})

test('the hash of a key from standard input is printed alone, with or without a last newline', async () => {
  const expected = 'sha256:5e318f8cf9cbe249a30812b8ca132d691ded7a91991413558db5758575f5e01f\n'
  const { code, stdout } = await run(['hash-key', '--stdin'], { stdin: 'k'.repeat(32) })
  assert.equal(code, 0)
  assert.equal(stdout, expected)
  assert.equal((await run(['hash-key', '--stdin'], { stdin: `${'k'.repeat(32)}\n` })).stdout, expected)
})

test('a key that can be guessed, or cannot be sent, is refused without being repeated', async () => {
  for (const stdin of ['', 'hunter2', 'a key with spaces in it', 'schlüssel-schlüssel', 'k'.repeat(513)]) {
    const { code, stdout, stderr } = await run(['hash-key', '--stdin'], { stdin })
    assert.equal(code, 2)
    assert.equal(stdout, '')
    assert.ok(stdin === '' || !stderr.includes(stdin))
  }
})
