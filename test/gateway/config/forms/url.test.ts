import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseUrl } from '../../../../gateway/config/forms/url.ts'

test('a URL is absolute and held as it is normally written', () => {
  assert.deepEqual(parseUrl('HTTPS://Example.com'), { value: 'https://example.com/' })
  assert.deepEqual(parseUrl('http://10.0.0.1:3000/base?x=1'), { value: 'http://10.0.0.1:3000/base?x=1' })
  assert.deepEqual(parseUrl('https://example.com:8443/', { origin: true }), {
    value: 'https://example.com:8443',
  })
})

test('a host without scheme is refused with the URL that was meant', () => {
  assert.equal((parseUrl('example.com/x') as { suggestion: string }).suggestion, 'https://example.com/x')
  assert.equal((parseUrl('localhost:3000') as { suggestion: string }).suggestion, 'http://localhost:3000')
  assert.equal((parseUrl('127.0.0.1:3000') as { suggestion: string }).suggestion, 'http://127.0.0.1:3000')
})

test('a URL with a password is refused and neither shown nor repeated', () => {
  const refused = parseUrl('https://user:pass@example.com/')
  assert.ok('message' in refused)
  assert.ok(refused.hide)
  assert.ok(!JSON.stringify(refused).includes('pass@'))
  assert.ok(!JSON.stringify(parseUrl('htps://user:pass@example.com/')).includes('pass@'))
})

test('what would be understood otherwise than it is written is refused', () => {
  for (const text of [
    '',
    '/path',
    'ftp://example.com/',
    'http://exa mple.com/',
    'http://example.com/\t',
    'http://example.com/#x',
    'javascript:alert(1)',
    '5',
  ]) {
    assert.ok('message' in parseUrl(text), text)
  }
  assert.ok('message' in parseUrl('https://example.com/x', { origin: true }))
  assert.ok('message' in parseUrl('https://example.com/', { schemes: ['http'] }))
})

test('a secure URL is https, but for this machine', () => {
  assert.ok('value' in parseUrl('https://example.com/', { secure: true }))
  for (const host of ['127.0.0.1:1', '[::1]:1', 'localhost'])
    assert.ok('value' in parseUrl(`http://${host}/`, { secure: true }), host)
  const refused = parseUrl('http://example.com/jwks', { secure: true })
  assert.equal((refused as { suggestion: string }).suggestion, 'https://example.com/jwks')
})
