import assert from 'node:assert/strict'
import { test } from 'node:test'
import { joinPath, leavesItsBase } from '../../../drivers/support/upstream-path.ts'

test('a path that some server could resolve out of its base is found', () => {
  const found = [
    '/a/../b',
    '/..',
    '/.',
    '/a/.',
    '/%2e%2E/hi',
    '/ho/%2E%2E/hi',
    '/a/.%2e?x',
    '/a%2f..',
    '/a/..;x',
  ]
  const more = ['/a/..%2fb', '/a\\..\\b', '/a//b', '//', '/%5c..', '/a/%2e/', 'a', '']
  for (const path of [...found, ...more]) assert.ok(leavesItsBase(path), path)
})

test('dots and slashes that mean nothing are let through', () => {
  for (const path of [
    '/',
    '/a',
    '/a/',
    '/..a',
    '/a..',
    '/.well-known/x',
    '/a.b/c',
    '/...',
    '/a?x=/../y',
    '/?//',
    '/a?..',
  ]) {
    assert.ok(!leavesItsBase(path), path)
  }
})

test('a long path costs little', () => {
  const path = `/${'a%2f.b/'.repeat(1000)}`
  const startedAt = performance.now()
  for (let i = 0; i < 100; i++) leavesItsBase(path)
  assert.ok(performance.now() - startedAt < 1000)
})

test('a path is put behind its base with one slash between them', () => {
  assert.equal(joinPath('/', '/x?q'), '/x?q')
  assert.equal(joinPath('/base', '/x'), '/base/x')
  assert.equal(joinPath('/base/', '/x?q=1'), '/base/x?q=1')
})

test('the path / adds nothing to a base', () => {
  assert.equal(joinPath('/base', '/'), '/base')
  assert.equal(joinPath('/base', '/?q'), '/base?q')
  assert.equal(joinPath('/base/', '/'), '/base/')
})
