import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OriginSet } from '../../../../gateway/plugins/support/origin-set.ts'

const has = (entry: string, origin: string) => new OriginSet([entry]).has(origin)

test('an exact origin is that scheme, host and port and nothing near it', () => {
  assert.ok(has('https://app.example.com', 'https://app.example.com'))
  for (const origin of [
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com/',
    'https://app.example.com.evil.example',
    'https://APP.example.com',
    'https://evil.example?https://app.example.com',
    'null',
    '',
  ]) {
    assert.ok(!has('https://app.example.com', origin), origin)
  }
})

test('a wildcard is one label or a part of it', () => {
  assert.ok(has('https://*.example.com', 'https://app.example.com'))
  assert.ok(has('https://*.example.com:8443', 'https://a-1.example.com:8443'))
  assert.ok(has('https://preview-*.example.com', 'https://preview-17.example.com'))
  assert.ok(has('http://*.localhost:3000', 'http://shop.localhost:3000'))
  for (const origin of [
    'https://example.com',
    'https://.example.com',
    'https://a.b.example.com',
    'https://evil.example/.example.com',
    'https://evil.example:1.example.com',
    'https://user@x.example.com',
    'https://a.example.com:8443',
    'http://a.example.com',
    'https://aexample.com',
    'https://a\n.example.com',
  ]) {
    assert.ok(!has('https://*.example.com', origin), origin)
  }
  assert.ok(!has('https://preview-*.example.com', 'https://preview-.example.com'))
})

test('null comes only when it is listed', () => {
  assert.ok(has('null', 'null'))
  assert.ok(!has('https://*.example.com', 'null'))
})

test('origins of other schemes, as apps have them, are compared as they are', () => {
  assert.ok(has('capacitor://localhost', 'capacitor://localhost'))
  assert.ok(has('chrome-extension://abcdefgh', 'chrome-extension://abcdefgh'))
})

test('an entry that no browser would send is refused with what it would send', () => {
  const cases = {
    'https://App.Example.com': /send it as https:\/\/app\.example\.com/,
    'https://app.example.com:443': /send it as https:\/\/app\.example\.com$/,
    'https://*.Example.com': /send it as https:\/\/\*\.example\.com/,
    'https://bücher.example': /send it as https:\/\/xn--bcher-kva\.example/,
    'https://app.example.com/': /without a path/,
    'app.example.com': /scheme:\/\/host/,
    'https://app.example.com?x': /is no origin/,
    'https://user@app.example.com': /is no origin/,
    'https://app.example.com:99999': /host or port/,
    '': /is no origin/,
  }
  for (const [entry, message] of Object.entries(cases)) {
    assert.throws(() => new OriginSet([entry]), message, entry)
  }
})

test('a wildcard that lets strangers in is refused', () => {
  const cases = {
    'https://*': /must be a domain/,
    'https://*.com': /must be a domain/,
    'https://example*': /must be a domain/,
    'https://api.*.com': /first label/,
    'https://example.com:*': /first label|host or port/,
    'https://*.*.example.com': /more than one/,
    '*.example.com': /is no origin/,
  }
  for (const [entry, message] of Object.entries(cases)) {
    assert.throws(() => new OriginSet([entry]), message, entry)
  }
})
