import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requestPath } from '../../../gateway/invocation/request-path.ts'
import { randomOf } from '../plugins/support/random.ts'

const pathOf = (path: string) => requestPath(path)?.path ?? null

test('a plain path stays as it is', () => {
  for (const path of [
    '/',
    '/a',
    '/a/',
    '/a/b/c',
    '/.a',
    '/..a',
    '/a.b',
    '/a..',
    '/...',
    '/.well-known/x',
    '/~a-b_c',
    "/a;b=c,d!$&'()*+:@",
    '/a[1]',
  ]) {
    assert.equal(pathOf(path), path)
  }
})

test('escapes of unreserved characters are decoded, others get capital digits', () => {
  assert.equal(pathOf('/%61%5f%7e%2D%41'), '/a_~-A')
  assert.equal(pathOf('/%c3%a9/%3b%40'), '/%C3%A9/%3B%40')
  assert.equal(pathOf('/a%20b'), '/a%20b')
  assert.equal(pathOf('/100%25'), '/100%25')
})

test('what should be escaped has one spelling for routes, and stays as it was for functions', () => {
  for (const raw of ['"', '<', '>', '^', '`', '{', '|', '}']) {
    const escaped = encodeURIComponent(raw)
    assert.equal(pathOf(`/a${raw}b`), `/a${escaped}b`)
    assert.equal(pathOf(`/a${escaped.toLowerCase()}b`), `/a${escaped}b`)
    assert.equal(requestPath(`/%41${raw}`)?.sent, `/A${raw}`)
    assert.equal(requestPath(`/%41${escaped}`)?.sent, `/A${escaped}`)
  }
})

test('dot segments are refused in every spelling', () => {
  for (const dots of ['.', '..', '%2e', '%2E', '.%2e', '%2e.', '%2e%2E', '..;', '..;x=1', '.;a', '%2e%2e;']) {
    for (const path of [`/${dots}`, `/${dots}/a`, `/a/${dots}`, `/a/${dots}/b`])
      assert.equal(pathOf(path), null, path)
  }
})

test('empty segments are refused, a final slash is not', () => {
  for (const path of ['//', '//a', '/a//b', '/a//', '///']) assert.equal(pathOf(path), null, path)
  assert.equal(pathOf('/a/'), '/a/')
})

test('escapes that readers take for something else are refused', () => {
  for (const odd of [
    '%2f',
    '%2F',
    '%5c',
    '%5C',
    '%00',
    '%0a',
    '%0D',
    '%1f',
    '%7f',
    '%',
    '%4',
    '%zz',
    '%u002e',
    '%c0%af',
    '%c0%ae',
    '%ff',
    '%e0%80%ae',
    '%ed%a0%80',
    '%c3',
  ]) {
    assert.equal(pathOf(`/a${odd}`), null, odd)
    assert.equal(pathOf(`/a${odd}/b`), null, odd)
  }
})

test('what is encoded twice or more often is refused, however its digits are written', () => {
  for (const odd of [
    '%252e',
    '%252E',
    '%252f',
    '%255c',
    '%2500',
    '%25252e',
    '%2525252f',
    '%25%32%65',
    '%252%65',
    '%25%32e',
  ]) {
    assert.equal(pathOf(`/a${odd}`), null, odd)
  }
  assert.equal(pathOf('/%2541'), '/%2541')
})

test('raw characters that are none of a path are refused', () => {
  for (const character of [' ', '\t', '\0', '\r', '\n', '\x7f', '\\', '#', '\xe9', '\u20ac']) {
    assert.equal(pathOf(`/a${character}b`), null, JSON.stringify(character))
  }
})

test('the first escaped delimiter is found in the normalised path', () => {
  assert.equal(requestPath('/a')?.delimiterAt, -1)
  assert.equal(requestPath('/%61/b%23c')?.delimiterAt, '/a/b'.length)
  assert.equal(requestPath('/"%3f%23')?.delimiterAt, '/%22'.length)
})

/** Characters that Kong leaves escaped. */
const RESERVED = "!#$%&'()*+,/:;=?@[]"

/** Path of a request as Kong's router has it: decoded but for reserved characters, slashes merged, dots resolved. */
function kongPath(path: string): string {
  const decoded = path.replace(/%([0-9a-fA-F]{2})/g, (octet, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return RESERVED.includes(character) ? octet.toUpperCase() : character
  })
  const segments: string[] = []
  const parts = decoded
    .replace(/\/{2,}/g, '/')
    .split('/')
    .slice(1)
  for (const [i, part] of parts.entries()) {
    if (part === '..') segments.pop()
    else if (part !== '.') segments.push(part)
    if ((part === '..' || part === '.') && i === parts.length - 1) segments.push('')
  }
  return `/${segments.join('/')}`
}

/** As Kong sends it on: everything but reserved and unreserved characters escaped. */
function kongEscaped(path: string): string {
  return path.replace(/[^A-Za-z0-9\-._~!#$%&'()*+,/:;=?@[\]]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  })
}

test('the reference decides as Kong was seen to', () => {
  assert.equal(kongEscaped(kongPath('/x%2Fy/%7e/a//b/../c')), '/x%2Fy/~/a/c')
  assert.equal(kongEscaped(kongPath('/a/b/c/./../../g')), '/a/g')
  assert.equal(kongEscaped(kongPath('/caf%c3%a9')), '/caf%C3%A9')
  assert.equal(kongPath('/..'), '/')
  assert.equal(kongPath('/a/.'), '/a/')
})

test('B13 of random paths each is refused or the one that Kong decides', () => {
  const pieces = [
    'a',
    'B',
    '0',
    'api',
    '.',
    '..',
    '-',
    '~',
    ';',
    '=',
    '@',
    ':',
    '+',
    '!',
    '*',
    '"',
    '{',
    '|',
    '[',
    ']',
    '/',
    '/',
    '/',
    '/',
    '//',
    '%2e',
    '%2E',
    '%2f',
    '%5c',
    '%41',
    '%7e',
    '%3a',
    '%3B',
    '%20',
    '%22',
    '%7B',
    '%25',
    '%252e',
    '%C3%A9',
    '%c3%a9',
    '%00',
    '%zz',
    '%',
    '\\',
    '%5B',
  ]
  const random = randomOf(13)
  let served = 0
  for (let i = 0; i < 1000; i++) {
    let path = '/'
    for (let length = random(9); length > 0; length--) path += pieces[random(pieces.length)]
    const ours = requestPath(path)
    if (ours === null) continue
    served++
    assert.equal(ours.path, kongEscaped(kongPath(path)), path)
    assert.equal(pathOf(ours.path), ours.path, path)
    assert.equal(pathOf(ours.sent), ours.path, path)
  }
  assert.ok(served > 200, `only ${served} were not refused`)
})
