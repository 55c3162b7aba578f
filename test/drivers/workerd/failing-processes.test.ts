import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { test } from 'node:test'
import type { TestAttempt } from '../../conformance/driver/test-attempt.ts'
import { facts } from '../deployment-facts.ts'
import { backendFor, call, saying } from './function-files.ts'
import { NO_PROCESS_LIST, processIn } from './process-in.ts'

test('a process that dies is started anew; calls in it are reset, later ones unreachable', {
  skip: NO_PROCESS_LIST,
}, async (t) => {
  const files = {
    'hello.js':
      "export default { async fetch(request) { if (request.url.endsWith('/slow')) await scheduler.wait(10_000); return new Response('hello') } }",
  }
  const { backend } = await backendFor(t, files, [facts('hello')])
  const pending = call(backend, { path: '/slow' })
  await call(backend, { path: '/' })
  process.kill(processIn(dirname(backend.address('hello')!.slice('unix:'.length))), 'SIGKILL')
  assert.equal((await pending).outcome, 'reset')
  await backend.until(() => backend.address('hello') === null, 'the death')
  assert.equal((await call(backend, { path: '/' })).outcome, 'unreachable')
  await backend.until(() => typeof backend.address('hello') === 'string', 'the new process')
  assert.equal((await call(backend, { path: '/' })).text, 'hello')
  assert.ok(backend.log.entries.some(({ message }) => message.includes('ended: SIGKILL')))
})

test('a function that computes for ever is ended; another organization does not notice', async (t) => {
  const files = {
    'hello.js':
      "export default { fetch(request) { if (request.url.endsWith('/loop')) for (;;) {} return new Response('hello') } }",
  }
  const { backend } = await backendFor(t, files, [facts('hello'), facts('hello', 'acme')], {
    probeInterval: 50,
    probeTimeout: 500,
  })
  const looping = call(backend, { path: '/loop' })
  const others: Promise<TestAttempt>[] = []
  for (let i = 0; i < 20; i++) others.push(call(backend, { path: '/' }, facts('hello', 'acme')))
  for (const other of await Promise.all(others)) assert.equal(other.text, 'hello')
  assert.equal((await looping).outcome, 'reset')
  await backend.until(() => backend.address('hello') === null, 'the end')
  await backend.until(() => typeof backend.address('hello') === 'string', 'the new process')
  assert.equal((await call(backend, { path: '/' })).text, 'hello')
  assert.ok(backend.log.entries.some(({ message }) => message.includes('do not answer for 500 ms')))
})

test('a function that throws is a function error, one that says the same is passed on', async (t) => {
  const files = {
    'hello.js': `export default { async fetch(request) {
      switch (new URL(request.url).pathname) {
        case '/throw': throw new Error('secret reason')
        case '/nothing': return undefined
        case '/never': return new Promise(() => {})
        case '/says': return new Response('Internal Server Error', { status: 500 })
        case '/bytes': return new Response(new TextEncoder().encode('Internal Server Errors'), { status: 500 })
        default: return new Response(new TextEncoder().encode('internal server error'), { status: 500 })
      }
    } }`,
  }
  const { backend } = await backendFor(t, files, [facts('hello')])
  for (const path of ['/throw', '/nothing', '/never']) {
    const attempt = await call(backend, { path })
    assert.equal(attempt.outcome, 'function-error', path)
    assert.ok(!attempt.detail.includes('secret'))
  }
  assert.equal((await call(backend, { path: '/says' })).text, 'Internal Server Error')
  assert.equal((await call(backend, { path: '/bytes' })).text, 'Internal Server Errors')
  assert.equal((await call(backend, { path: '/other' })).text, 'internal server error')
})

test('a configuration that no process can start with is reported, and closing does not wait for it', async (t) => {
  const { backend } = await backendFor(t, { 'hello.js': saying('x') }, [facts('hello')], {
    compatibilityDate: '2999-01-01',
  })
  assert.equal((await call(backend, { path: '/' })).outcome, 'unreachable')
  assert.ok(backend.log.entries.some(({ message }) => /compatibility date/i.test(message)))
  assert.equal((await backend.operator.probe()).ready, false)
})

test('code that never finishes loading is given up', async (t) => {
  const { backend } = await backendFor(
    t,
    { 'hello.js': 'for (;;) {}\nexport default {}' },
    [facts('hello')],
    {
      startTimeout: 300,
    },
  )
  assert.equal((await call(backend, { path: '/' })).outcome, 'unreachable')
  assert.ok(backend.log.entries.some(({ message }) => message.includes('not ready after 300 ms')))
})
