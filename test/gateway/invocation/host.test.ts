import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseHost } from '../../../gateway/invocation/host.ts'

test('a host is lower-case, without port and final dot', () => {
  for (const [text, host] of [
    ['example.com', 'example.com'],
    ['Example.COM:8080', 'example.com'],
    ['example.com.', 'example.com'],
    ['example.com.:1', 'example.com'],
    ['localhost', 'localhost'],
    ['foo_bar.example.com', 'foo_bar.example.com'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['0.0.0.0=5000', '0.0.0.0=5000'],
    ['127.0.0.1:65535', '127.0.0.1'],
    ['[::1]', '[::1]'],
    ['[2001:DB8::1]:443', '[2001:db8::1]'],
    ['[::ffff:1.2.3.4]', '[::ffff:1.2.3.4]'],
  ] as const) {
    assert.equal(parseHost(text), host)
    assert.equal(parseHost(text), host, 'the second time')
  }
})

test('what is no host, or a port that is none, is refused', () => {
  for (const text of [
    '',
    '.',
    'a..b',
    '.a',
    'a,b',
    'u@h',
    'h/p',
    'h\\p',
    'h?',
    'h#',
    'h:',
    'h:x',
    'h:-1',
    'h:65536',
    'h:123456',
    'h:80:80',
    'a b',
    ' a',
    'a\t',
    'é',
    '%61',
    '<a>',
    '"a"',
    '[::1',
    '::1',
    '[]',
    '[1.2.3.4]',
    '[g::]',
    '[::1]x',
    '[::1]:',
    '[fe80::1%25eth0]',
    '[fe80::1%eth0]',
    'a\0b',
    'a'.repeat(256),
  ]) {
    assert.equal(parseHost(text), null, JSON.stringify(text))
  }
})

test('a number is a host only as an address in its one spelling', () => {
  for (const text of [
    '1',
    '127.1',
    '017700000001',
    '0x7f.1',
    '0x7f000001',
    '127.01.0.1',
    '127.0.0.256',
    '1.2.3.4.5',
    'a.1',
    'example.0x',
    '127.0.0.1.1',
    '08',
  ]) {
    assert.equal(parseHost(text), null, text)
  }
  for (const text of ['127.0.0.1', '1a', '1.example', '0x7f.example', '4711x'])
    assert.equal(parseHost(text), text)
})

test('many hosts in a row are still told apart', () => {
  for (let i = 0; i < 3000; i++) assert.equal(parseHost(`H${i}.test:80`), `h${i}.test`)
  assert.equal(parseHost('H0.test:80'), 'h0.test')
})
