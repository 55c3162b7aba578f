import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCidr } from '../../../../gateway/config/forms/cidr.ts'
import { parseHash, parseScope } from '../../../../gateway/config/forms/credential-forms.ts'
import { parseHeaderName } from '../../../../gateway/config/forms/header-name.ts'
import { parseMoment } from '../../../../gateway/config/forms/moment.ts'

test('a network is held with its host bits cleared, an address as a network of one', () => {
  assert.deepEqual(parseCidr('10.1.2.3/8'), { value: '10.0.0.0/8' })
  assert.deepEqual(parseCidr('192.168.0.1'), { value: '192.168.0.1/32' })
  assert.deepEqual(parseCidr('2001:DB8::1/32'), { value: '2001:db8::/32' })
  assert.deepEqual(parseCidr('::1'), { value: '::1/128' })
  assert.deepEqual(parseCidr('0.0.0.0/0'), { value: '0.0.0.0/0' })
})

test('spellings of networks that readers understand differently are refused', () => {
  for (const text of [
    '',
    '10',
    '10.0.0',
    '0x7f.1',
    '010.0.0.1',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
    'example.com',
    '10.0.0.0/',
  ]) {
    assert.ok('message' in parseCidr(text), text)
  }
})

test('a moment has its offset and exists in the calendar', () => {
  assert.deepEqual(parseMoment('2027-01-01T00:00:00Z'), { value: Date.UTC(2027, 0, 1) })
  assert.deepEqual(parseMoment('2027-01-01T01:00:00.5+01:00'), { value: Date.UTC(2027, 0, 1) + 500 })
  assert.equal((parseMoment('2027-01-01') as { suggestion: string }).suggestion, '2027-01-01T00:00:00Z')
  assert.equal(
    (parseMoment('2027-01-01T10:00:00') as { suggestion: string }).suggestion,
    '2027-01-01T10:00:00Z',
  )
  for (const text of [
    '',
    'tomorrow',
    '2027-02-30T00:00:00Z',
    '2027-13-01T00:00:00Z',
    '2027-01-01T25:00:00Z',
    '1700000000',
  ]) {
    assert.ok('message' in parseMoment(text), text)
  }
})

test('the name of a header is a token, held in lower case', () => {
  assert.deepEqual(parseHeaderName('X-Api-Key'), { value: 'x-api-key' })
  assert.equal((parseHeaderName('X-Key:') as { suggestion: string }).suggestion, 'x-key')
  for (const text of ['', 'a b', 'a:', 'ä', 'a\n', 'a/b', 'x'.repeat(257)])
    assert.ok('message' in parseHeaderName(text), text)
})

test('the hash of a key is held in lower case, and what is refused is never shown', () => {
  assert.deepEqual(parseHash(`SHA256:${'AB'.repeat(32)}`), { value: `sha256:${'ab'.repeat(32)}` })
  for (const text of [
    'my-secret-key',
    'ab'.repeat(32),
    `sha256:${'ab'.repeat(31)}`,
    `sha512:${'ab'.repeat(32)}`,
  ]) {
    const refused = parseHash(text)
    assert.ok('message' in refused && refused.hide, text)
    assert.ok(!JSON.stringify(refused).includes(text))
  }
})

test('a scope has no spaces', () => {
  assert.deepEqual(parseScope('orders:read'), { value: 'orders:read' })
  assert.equal((parseScope('a b') as { expected: string }).expected, 'a list with one scope per item')
  for (const text of ['', 'a"b', 'a\\b', 'ä', 'a\tb']) assert.ok('message' in parseScope(text), text)
})
