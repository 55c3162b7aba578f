import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forwardedAddress, forwardedPort, portOf } from '../../../gateway/invocation/forwarded.ts'

test('the last entry counts, without its port', () => {
  for (const [value, address] of [
    ['192.0.2.1', '192.0.2.1'],
    ['6.6.6.6, 192.0.2.1', '192.0.2.1'],
    ['6.6.6.6,192.0.2.1 ', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['[::FFFF:192.0.2.1]:1', '192.0.2.1'],
  ] as const) {
    assert.equal(forwardedAddress(value), address, value)
  }
})

test('what is no address is none', () => {
  for (const value of [
    '',
    ',',
    '192.0.2.1,',
    'unknown',
    '_hidden',
    'a.test',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.1:x:y',
    '[2001:db8::1',
    '[2001:db8::12',
    '[::1]x',
    '[::1]:',
    '[]',
    ':80',
    '::1%eth0',
    'fe80::1%1',
    '1.2.3.4\0',
  ]) {
    assert.equal(forwardedAddress(value), null, JSON.stringify(value))
  }
})

test('a port is a number up to 65535', () => {
  for (const port of ['1', '443', '65535', '0']) assert.equal(forwardedPort(port), port)
  for (const port of ['', '-1', '65536', '123456', '80,443', ' 80', '8e1', '0x50'])
    assert.equal(forwardedPort(port), null, port)
})

test('an authority without a port has that of its scheme', () => {
  assert.equal(portOf('a.test:8080', false), '8080')
  assert.equal(portOf('a.test', false), '80')
  assert.equal(portOf('a.test', true), '443')
  assert.equal(portOf('[::1]:8443', true), '8443')
  assert.equal(portOf('[::1]', true), '443')
  assert.equal(portOf('', false), '80')
})
