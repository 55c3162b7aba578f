import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isLoopback, parseAddress } from '../../../../gateway/config/forms/address.ts'

test('an address is host and port', () => {
  assert.deepEqual(parseAddress('127.0.0.1:8080'), { value: { host: '127.0.0.1', port: 8080 } })
  assert.deepEqual(parseAddress('[::1]:443'), { value: { host: '::1', port: 443 } })
  assert.deepEqual(parseAddress('Gateway.Local:0'), { value: { host: 'gateway.local', port: 0 } })
  assert.deepEqual(parseAddress(':8080'), { value: { host: '::', port: 8080 } })
})

test('what is nearly an address is refused with the address that was meant', () => {
  const meant = {
    '8080': '127.0.0.1:8080',
    localhost: 'localhost:8080',
    '10.0.0.1': '10.0.0.1:8080',
    '::1': '[::1]:8080',
    '*:9000': ':9000',
    'http://127.0.0.1:8080/': '127.0.0.1:8080',
  }
  for (const [text, suggestion] of Object.entries(meant)) {
    const refused = parseAddress(text)
    assert.ok('message' in refused, text)
    assert.equal(refused.suggestion, suggestion)
  }
})

test('hosts and ports that cannot be are refused', () => {
  for (const text of [
    '',
    ':',
    'a:b',
    '127.0.0.1:65536',
    '300.0.0.1:80',
    '[::g]:80',
    '[127.0.0.1]:80',
    'a b:80',
    '-a:80',
    '1.2.3:80',
    ':80:80',
  ]) {
    assert.ok('message' in parseAddress(text), text)
  }
})

test('loopback is what only this machine can reach', () => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost', 'LOCALHOST'])
    assert.ok(isLoopback(host), host)
  for (const host of [
    '::',
    '0.0.0.0',
    '10.0.0.1',
    '128.0.0.1',
    'localhost.example.com',
    '127.0.0.1.example.com',
    '127.1',
  ]) {
    assert.ok(!isLoopback(host), host)
  }
})
