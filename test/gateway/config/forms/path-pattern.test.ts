import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parametersOf, parsePathPattern, shapeOf } from '../../../../gateway/config/forms/path-pattern.ts'
import { requestPath } from '../../../../gateway/invocation/request-path.ts'

test('a path has literal segments, parameters as whole segments, and * at its end', () => {
  for (const text of [
    '/',
    '/a',
    '/a/',
    '/a/b.c',
    '/:id',
    '/a/:id_2/b',
    '/*',
    '/a/*',
    '/a%20b',
    '/%C3%BC',
    "/!$&'()+,;=@~",
    '/%3A%2A',
    '/...',
    '/.well-known/x',
  ]) {
    assert.deepEqual(parsePathPattern(text), { value: text })
  }
})

test('paths that are not canonical are refused with the canonical one', () => {
  const meant = {
    a: '/a',
    '//a': '/a',
    '/a//b': '/a/b',
    '/%41': '/A',
    '/%7euser': '/~user',
    '/%c3%bc': '/%C3%BC',
    '/ü': '/%C3%BC',
    '/a b': '/a%20b',
    '/a?x=1': '/a',
    '/a#b': '/a',
    '/{id}': ':id',
    '/:a-b': ':a_b',
  }
  for (const [text, suggestion] of Object.entries(meant)) {
    const refused = parsePathPattern(text)
    assert.ok('message' in refused, text)
    assert.equal(refused.suggestion, suggestion, text)
  }
})

test('paths that servers read in two ways are refused', () => {
  const odd = [
    '/..',
    '/a/../b',
    '/.',
    '/%2e%2e/a',
    '/%2E',
    '/.%2e',
    '/..;/a',
    '/.;x',
    '/a%2Fb',
    '/a%2fb',
    '/a%5Cb',
    '/%00',
    '/%0a',
    '/%7f',
    '/%252e',
    '/%252F',
    '/%25252e',
    '/a%3fb',
    '/a%23b',
    '/%',
    '/%zz',
    '/%ff',
    '/%c0%ae',
    '/\ud800',
    '/a\\b',
  ]
  for (const text of odd) assert.ok('message' in parsePathPattern(text), text)
})

test('parameters and wildcards that mix with text are refused', () => {
  for (const text of [
    '/a:b',
    '/:',
    '/:1',
    '/:a.json',
    '/:a?',
    '/:a(\\d+)',
    '/:a:b',
    '/a*',
    '/*a',
    '/*/a',
    '/**',
    '/:a/:a',
    '/::a',
    `/${'x'.repeat(2048)}`,
  ]) {
    assert.ok('message' in parsePathPattern(text), text)
  }
})

test('a literal path that is taken can be matched by a request', () => {
  const pieces = [
    'a',
    'Z',
    '9',
    '.',
    '..',
    '~',
    '-',
    '_',
    '%20',
    '%41',
    '%2e',
    '%2F',
    '%25',
    '%252e',
    '%C3%BC',
    '%ff',
    ';',
    '=',
    '+',
    '!',
    "'",
    '(',
    '@',
    ',',
    '&',
    '$',
    '%3F',
    '%7C',
    '%0A',
    'ü',
    ' ',
    '"',
    '[',
    '|',
    '\\',
    '^',
    '`',
    '{',
    '/',
  ]
  let taken = 0
  for (const one of pieces) {
    for (const two of pieces) {
      for (const three of ['', ';', '/x', '..']) {
        const path = `/${one}${two}${three}`
        if (!('value' in parsePathPattern(path))) continue
        taken++
        assert.deepEqual(requestPath(path), { path, sent: path, delimiterAt: -1 })
      }
    }
  }
  assert.ok(taken > 500, `only ${taken} paths were taken`)
})

test('the shape of a path forgets the names of its parameters', () => {
  assert.equal(shapeOf('/a/:x/:y/*'), shapeOf('/a/:q/:z/*'))
  assert.notEqual(shapeOf('/a/:x'), shapeOf('/a/x'))
  assert.deepEqual(parametersOf('/a/:x/b/:y/*'), ['x', 'y', '*'])
})
