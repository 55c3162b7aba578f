import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Route } from '../../../gateway/snapshot/route.ts'
import { Router } from '../../../gateway/snapshot/router.ts'

/** A router only keeps Routes; a name is enough to tell them apart. */
const named = (name: string, forPreflight = false) => ({ name, forPreflight }) as Route

function routerOf(...written: [hosts: string, methods: string, path: string][]): Router {
  const router = new Router()
  for (const [hosts, methods, path] of written) {
    const split = (text: string) => text.split(' ').filter((word) => word !== '')
    router.add({ hosts: split(hosts), methods: split(methods), path }, named(`${methods} ${hosts}${path}`))
  }
  return router
}

const nameOf = (router: Router, host: string, method: string, path: string) =>
  router.match(host, method, path)?.name ?? null

test('an exact host comes before the longest domain, and that before any host', () => {
  const router = routerOf(
    ['', 'GET', '/x'],
    ['*.test', 'GET', '/x'],
    ['*.a.test', 'GET', '/x'],
    ['b.a.test', 'GET', '/x'],
  )
  assert.equal(nameOf(router, 'b.a.test', 'GET', '/x'), 'GET b.a.test/x')
  assert.equal(nameOf(router, 'c.a.test', 'GET', '/x'), 'GET *.a.test/x')
  assert.equal(nameOf(router, 'd.c.a.test', 'GET', '/x'), 'GET *.a.test/x')
  assert.equal(nameOf(router, 'a.test', 'GET', '/x'), 'GET *.test/x')
  assert.equal(nameOf(router, 'test', 'GET', '/x'), 'GET /x')
  assert.equal(nameOf(router, '', 'GET', '/x'), 'GET /x')
  assert.equal(nameOf(router, 'xa.test.evil', 'GET', '/x'), 'GET /x')
})

test('a host without a route for path and method leaves it to the next', () => {
  const router = routerOf(['a.test', 'GET', '/x'], ['*.test', 'POST', '/x'], ['', 'GET PUT', '/*'])
  assert.equal(nameOf(router, 'a.test', 'GET', '/x'), 'GET a.test/x')
  assert.equal(nameOf(router, 'a.test', 'POST', '/x'), 'POST *.test/x')
  assert.equal(nameOf(router, 'a.test', 'PUT', '/x'), 'GET PUT /*')
  assert.equal(nameOf(router, 'a.test', 'DELETE', '/x'), null)
  assert.equal(nameOf(router, 'a.test', 'GET', '/y'), 'GET PUT /*')
})

test('hosts and paths have one spelling', () => {
  const router = routerOf(['a.test', 'GET', '/caf%C3%A9'], ['a.test', 'GET', '/A'])
  assert.equal(nameOf(router, 'a.test', 'GET', '/caf%C3%A9'), 'GET a.test/caf%C3%A9')
  for (const path of ['/caf%c3%a9', '/café', '/a', '/A/', 'A'])
    assert.equal(nameOf(router, 'a.test', 'GET', path), null)
  assert.equal(nameOf(router, 'A.test', 'GET', '/A'), null)
})

test('the first route of a host, path and method stays', () => {
  const router = routerOf(['a.test', 'GET', '/x'], ['a.test b.test', 'GET POST', '/x'])
  assert.equal(nameOf(router, 'a.test', 'GET', '/x'), 'GET a.test/x')
  assert.equal(nameOf(router, 'a.test', 'POST', '/x'), 'GET POST a.test b.test/x')
  assert.equal(nameOf(router, 'b.test', 'GET', '/x'), 'GET POST a.test b.test/x')
})

test('the methods of a path are listed over all hosts that take it', () => {
  const router = routerOf(['a.test', 'POST GET', '/x'], ['', 'DELETE', '/*'], ['b.test', 'PUT', '/x'])
  assert.deepEqual(router.methodsAt('a.test', '/x'), ['GET', 'POST', 'DELETE'])
  assert.deepEqual(router.methodsAt('b.test', '/x'), ['PUT', 'DELETE'])
  assert.deepEqual(routerOf(['a.test', 'GET', '/x']).methodsAt('a.test', '/y'), [])
})

test('a stand-in for preflights is found, and is no method of the path', () => {
  const router = routerOf(['a.test', 'GET', '/x'])
  router.add({ hosts: ['a.test'], methods: ['OPTIONS'], path: '/x' }, named('stand-in', true))
  assert.equal(nameOf(router, 'a.test', 'OPTIONS', '/x'), 'stand-in')
  assert.deepEqual(router.methodsAt('a.test', '/x'), ['GET'])
})

test('hosts that a route names are known, and those of its domains', () => {
  const router = routerOf(['a.test', 'GET', '/'], ['*.b.test', 'GET', '/'], ['', 'GET', '/*'])
  for (const host of ['a.test', 'x.b.test', 'x.y.b.test']) assert.ok(router.knowsHost(host), host)
  for (const host of ['b.test', 'xb.test', 'x.a.test', 'c.test', '', '*.b.test.c'])
    assert.ok(!router.knowsHost(host), host)
})

test('method names of objects match nothing', () => {
  const router = routerOf(['', 'GET', '/*'])
  for (const name of ['constructor', '__proto__', 'toString', '']) {
    assert.equal(router.match('a.test', name, '/x'), null)
    assert.equal(nameOf(routerOf(['a.test', 'GET', '/x']), name, 'GET', '/x'), null)
    assert.equal(nameOf(routerOf(['', 'GET', '/a/b']), '', 'GET', `/${name}/b`), null)
  }
})
