import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileRewrite } from '../../../gateway/snapshot/rewrite.ts'

test('parameters stand for whole segments, as they were sent', () => {
  for (const [pattern, rewrite, path, made] of [
    ['/hello/:name', '/:name', '/hello/world', '/world'],
    ['/a/:x/b/:y', '/:y/:x', '/a/1/b/2', '/2/1'],
    ['/a/:x', '/:x/:x', '/a/1', '/1/1'],
    ['/a/:x', '/b', '/a/1', '/b'],
    ['/a/:x', '/', '/a/1', '/'],
    ['/a/:x', '/b/', '/a/1', '/b/'],
    ['/a/:x/', '/:x/', '/a/1/', '/1/'],
    ['/a/:x', '/:x', '/a/%2E%23x;y=%41', '/%2E%23x;y=%41'],
  ] as const) {
    assert.equal(compileRewrite(pattern, rewrite)(path), made, `${pattern} ▶ ${rewrite}`)
  }
})

test('a wildcard stands for all the rest, an empty one too', () => {
  for (const [pattern, rewrite, path, made] of [
    ['/files/*', '/*', '/files/a/b', '/a/b'],
    ['/files/*', '/*', '/files/', '/'],
    ['/files/*', '/store/*', '/files/a/', '/store/a/'],
    ['/:org/files/*', '/:org/*', '/acme/files/x/y', '/acme/x/y'],
    ['/*', '/base/*', '/a', '/base/a'],
    ['/*', '/base/*', '/', '/base/'],
  ] as const) {
    assert.equal(compileRewrite(pattern, rewrite)(path), made, `${pattern} ▶ ${rewrite}`)
  }
})

test('a path that matched never becomes one with an empty segment in front', () => {
  for (const path of ['/a', '/', '/a/b', '/a/']) {
    assert.doesNotMatch(compileRewrite('/*', '/*')(path), /^\/\//)
  }
})

test('a parameter that the pattern lacks is refused at load', () => {
  assert.throws(() => compileRewrite('/a/:x', '/:y'), /:y is not in \/a\/:x/)
  assert.throws(() => compileRewrite('/a/:x', '/*'), /\* is not in/)
})
