import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Route } from '../../../gateway/snapshot/route.ts'
import { RouteTable } from '../../../gateway/snapshot/route-table.ts'

/** Tables only keep Routes; their names are enough to tell them apart. */
function tableOf(...patterns: string[]): (path: string, method?: string) => string | null {
  const table = new RouteTable()
  for (const pattern of patterns) {
    assert.ok(table.add(pattern, 'GET', { name: pattern } as Route))
  }
  return (path, method = 'GET') => table.find(method, path)?.name ?? null
}

test('text comes before a parameter, and a parameter before a wildcard', () => {
  const find = tableOf('/a/b', '/a/:x', '/a/*', '/*')
  assert.equal(find('/a/b'), '/a/b')
  assert.equal(find('/a/c'), '/a/:x')
  assert.equal(find('/a/c/d'), '/a/*')
  assert.equal(find('/z'), '/*')
})

test('a branch that leads nowhere is left for the next', () => {
  const find = tableOf('/a/b/c', '/a/:x/d', '/a/*')
  assert.equal(find('/a/b/c'), '/a/b/c')
  assert.equal(find('/a/b/d'), '/a/:x/d')
  assert.equal(find('/a/b/e'), '/a/*')
})

test('a parameter takes a whole segment and never an empty one', () => {
  const find = tableOf('/u/:id', '/u/:id/posts')
  assert.equal(find('/u/'), null)
  assert.equal(find('/u/1'), '/u/:id')
  assert.equal(find('/u/1/'), null)
  assert.equal(find('/u/1/posts'), '/u/:id/posts')
})

test('a wildcard takes any rest behind its slash, an empty one too', () => {
  const find = tableOf('/files/*')
  assert.equal(find('/files'), null)
  assert.equal(find('/files/'), '/files/*')
  assert.equal(find('/files/a/b/c%20d'), '/files/*')
})

test('segments are equal or they are not: case, escapes, colons and names of Object.prototype', () => {
  const find = tableOf('/a%20b', '/items:batch', '/constructor', '/Case')
  assert.equal(find('/a%20b'), '/a%20b')
  assert.equal(find('/a b'), null)
  assert.equal(find('/items:batch'), '/items:batch')
  assert.equal(find('/itemsX'), null)
  assert.equal(find('/constructor'), '/constructor')
  assert.equal(find('/__proto__'), null)
  assert.equal(find('/case'), null)
})

test('the root is a path of its own', () => {
  const find = tableOf('/', '/x')
  assert.equal(find('/'), '/')
  assert.equal(tableOf('/x')('/'), null)
})

test('a method that is taken stays with the Route that came first', () => {
  const table = new RouteTable()
  const first = { name: 'first' } as Route
  assert.equal(table.add('/a/:x', 'GET', first), true)
  assert.equal(table.add('/a/:other', 'GET', { name: 'second' } as Route), false)
  assert.equal(table.add('/a/:x', 'POST', { name: 'post' } as Route), true)
  assert.equal(table.find('GET', '/a/1'), first)
  assert.equal(table.find('DELETE', '/a/1'), null)
})

test('what was looked for before is found for what it is now', () => {
  const table = new RouteTable()
  const route = { name: 'a' } as Route
  const later = { name: 'b' } as Route
  table.add('/a/*', 'GET', route)
  for (let i = 0; i < 2; i++) {
    assert.equal(table.find('GET', '/a/b'), route)
    assert.equal(table.find('POST', '/a/b'), null)
    assert.equal(table.find('GET', '/a/b'), route)
    assert.equal(table.find('GET', '/b'), null)
  }
  table.add('/b', 'GET', later)
  assert.equal(table.find('GET', '/b'), later)
})
