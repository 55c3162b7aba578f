import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRequestId, newRequestId } from '../../../gateway/invocation/request-id.ts'

test('an id of a client is short, printable and safe in a line', () => {
  for (const id of [
    'a',
    '0',
    'A-b_c.d:e',
    'f'.repeat(128),
    '0af7651916cd43dd8448eb211c80319c',
    '1-67891233-abcdef012345678912345678',
  ]) {
    assert.ok(isRequestId(id), id)
  }
  for (const id of [
    '',
    '-a',
    '.a',
    'a b',
    'a\n',
    '\na',
    'a\0',
    'é',
    'a/b',
    'a"b',
    '<a>',
    'a,b',
    'f'.repeat(129),
  ]) {
    assert.ok(!isRequestId(id), JSON.stringify(id))
  }
})

test('new ids are well-formed and never the same', () => {
  const ids = new Set<string>()
  for (let i = 0; i < 10_000; i++) {
    const id = newRequestId()
    assert.match(id, /^[0-9a-f]{32}$/)
    ids.add(id)
  }
  assert.equal(ids.size, 10_000)
})
