import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseStrictJson } from '../../../gateway/identity/strict-json.ts'
import { fastestMs } from './fixture.ts'

function parse(text: string) {
  return parseStrictJson(Buffer.from(text))
}

test('an object is read as JSON.parse reads it', () => {
  const texts = [
    '{}',
    ' {"a":1} ',
    '{"a":{"a":{"a":[{"a":1},{"a":2}]}},"b":"\\"{:\\\\"}',
    '{"__proto__":1,"constructor":{"__proto__":null}}',
    '{"ключ":"значение 🔑","":""}',
  ]
  for (const text of texts) assert.deepEqual(parse(text), JSON.parse(text), text)
})

test('a name that comes twice in one object is refused at any level, however it is spelled (D17)', () => {
  const texts = [
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":2}',
    '{"a":{"b":1,"c":2,"b":1}}',
    '{"a":[[{"b":1,"b":2}]]}',
    '{"__proto__":1,"__proto__":2}',
    '{"a":1,"b":":","a":2}',
  ]
  for (const text of texts) assert.equal(parse(text), null, text)
})

test('what is not an object is refused (D18)', () => {
  for (const text of [
    '',
    ' ',
    '[]',
    '[{}]',
    '"{}"',
    '1',
    'null',
    'true',
    '{',
    '{"a"}',
    '{}{}',
    '{"a":1,}',
    "{'a':1}",
  ]) {
    assert.equal(parse(text), null, text)
  }
})

test('bytes that are not UTF-8, and a byte order mark, are refused (D18)', () => {
  const bytes = [
    Buffer.from('{"a":"\xff"}', 'latin1'),
    Buffer.from('{"a":"\xed\xa0\x80"}', 'latin1'),
    Buffer.from('{"a":"\xc0\xaf"}', 'latin1'),
    Buffer.from('\ufeff{}'),
    Buffer.from('\ufeff{}', 'utf16le'),
  ]
  for (const each of bytes) assert.equal(parseStrictJson(each), null)
})

test('nesting ends at 32, and what is deeper is refused at once (D42)', () => {
  const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
  assert.ok(parse(nested(32)))
  assert.equal(parse(nested(33)), null)

  const deep = ['{"a":'.repeat(100_000), nested(100_000), `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`]
  for (const text of deep) {
    const bytes = Buffer.from(text)
    assert.ok(fastestMs(() => assert.equal(parseStrictJson(bytes), null)) < 10)
  }
})

test('a text that never ends a string costs no more than its length', () => {
  const bytes = Buffer.from(`{"${'\\'.repeat(1_000_001)}"`)
  assert.ok(fastestMs(() => assert.equal(parseStrictJson(bytes), null)) < 100)
})
