import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAuthority, parseHostPattern } from '../../../../gateway/config/forms/host-pattern.ts'

test('the host of a route is a name, an address or a wildcard below a name, in lower case', () => {
  for (const text of [
    'api.example.com',
    'localhost',
    '127.0.0.1',
    '[::1]',
    '*.example.com',
    'xn--bcher-kva.example',
  ]) {
    assert.deepEqual(parseHostPattern(text), { value: text })
  }
  assert.deepEqual(parseHostPattern('API.Example.COM'), { value: 'api.example.com' })
})

test('what is nearly a host is refused with the host that was meant', () => {
  const meant = {
    'https://api.example.com/x': 'api.example.com',
    'api.example.com:8443': 'api.example.com',
    'api.example.com.': 'api.example.com',
    '.example.com': '*.example.com',
    'bücher.example': 'xn--bcher-kva.example',
    '::1': '[::1]',
  }
  for (const [text, suggestion] of Object.entries(meant)) {
    const refused = parseHostPattern(text)
    assert.ok('message' in refused, text)
    assert.equal(refused.suggestion, suggestion)
  }
})

test('other wildcards and odd names are refused', () => {
  for (const text of [
    '',
    '*',
    '*.*.example.com',
    'a.*.com',
    '*a.com',
    '*.127.0.0.1',
    '1.2.3',
    'a_b.com',
    '-a.com',
    'a..com',
    `${'a'.repeat(64)}.com`,
  ]) {
    assert.ok('message' in parseHostPattern(text), text)
  }
})

test('an authority may have a port', () => {
  assert.deepEqual(parseAuthority('Example.com:8443'), { value: 'example.com:8443' })
  assert.deepEqual(parseAuthority('[::1]:80'), { value: '[::1]:80' })
  for (const text of ['*.example.com', 'example.com:65536', 'example.com:', 'http://example.com'])
    assert.ok('message' in parseAuthority(text), text)
})
