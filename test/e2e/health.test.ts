import assert from 'node:assert/strict'
import { before, beforeEach, test } from 'node:test'
import { call } from './call.ts'
import { underTest } from './driver-under-test.ts'
import { fileCleanup } from './file-cleanup.ts'
import { startTestGateway, type TestGateway } from './gateway.ts'
import { readMetrics, readStatus } from './observe.ts'
import { OK, type RawBackend, startRawBackend } from './raw-backend.ts'

/**
 * F31 of the checklist, as far as it needs no clock; how long an ejection lasts is proved where the clock can be passed
 * in. What fails here is the platform: a 5xx that the function chose is an answer and ejects nobody.
 */
let a: RawBackend
let b: RawBackend
let gateway: TestGateway
const cleanup = fileCleanup()

before(async () => {
  ;[a, b] = [await startRawBackend(cleanup), await startRawBackend(cleanup)]
  const both = { deployments: ['a', 'b'], timeout: '2s' }
  const names = ['ejected', 'interrupted', 'answers', 'neither']
  gateway = await startTestGateway(cleanup, {
    gateway: { threads: 2 },
    placement: { zone: 'here/a' },
    // All calls go to the near one while it is healthy.
    backends: underTest({
      a: { driver: 'http', url: a.url, zone: 'here/a' },
      b: { driver: 'http', url: b.url },
    }),
    functions: { ...Object.fromEntries(names.map((name) => [name, both])), only: { deployments: ['a'] } },
    routes: [...names, 'only'].map((name) => ({
      path: `/${name}`,
      function: name,
      auth: 'none',
      retries: { attempts: 1 },
    })),
  })
})

beforeEach(() => {
  for (const backend of [a, b]) {
    backend.forget()
    backend.answer = ({ socket }) => void socket.write(OK)
  }
})

test('F31 after five failures in a row, counted over all threads, a deployment gets no calls', async () => {
  a.answer = ({ socket }) => socket.destroy()
  let failures = 0
  for (let i = 0; i < 5; i++) failures += Number((await post('ejected')) === 502)
  assert.equal(failures, 5)
  assert.equal(a.requests.length, 5)
  assert.deepEqual(await healthOf('ejected'), { a: false, b: true })
  a.forget()
  for (let i = 0; i < 40; i++) assert.equal(await post('ejected'), 200)
  assert.equal(a.requests.length, 0)
  const metrics = await readMetrics(gateway)
  const labels = { organization: 'default', function: 'ejected', backend: 'a', deployment: 'ejected' }
  assert.equal(metrics.value('dispatch_deployment_healthy', labels), 0)
})

test('F31 an answer in between begins the count anew', async () => {
  let turn = 0
  // Four in a row, but never more than half of the last ten: that would eject it for its share of failures.
  a.answer = ({ socket }) => void (turn++ % 12 < 8 ? socket.write(OK) : socket.destroy())
  for (let i = 0; i < 96; i++) await post('interrupted')
  assert.equal(a.requests.length, 96, 'the deployment was ejected')
  assert.deepEqual(await healthOf('interrupted'), { a: true, b: true })
})

test('F31 what a function answers with 5xx is its own affair', async () => {
  a.answer = ({ socket }) => void socket.write('HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n')
  for (let i = 0; i < 60; i++) await post('answers')
  assert.equal(a.requests.length, 60)
  assert.deepEqual(await healthOf('answers'), { a: true, b: true })
})

test('F31 when all are ejected all get calls, and the first that answers is noticed', async () => {
  for (const backend of [a, b]) backend.answer = ({ socket }) => socket.destroy()
  for (let i = 0; i < 30; i++) assert.equal(await post('neither'), 502)
  assert.deepEqual(await healthOf('neither'), { a: false, b: false })
  assert.ok(a.requests.length > 0 && b.requests.length > 0)
  b.answer = ({ socket }) => void socket.write(OK)
  const statuses = new Set<number>()
  for (let i = 0; i < 40; i++) statuses.add(await post('neither'))
  assert.ok(statuses.has(200), 'a function that works again is reached although it is ejected')
})

test('F31 the only deployment of a function is never refused its calls', async () => {
  a.answer = ({ socket }) => socket.destroy()
  for (let i = 0; i < 10; i++) assert.equal(await post('only'), 502)
  assert.equal(a.requests.length, 10)
  a.answer = ({ socket }) => void socket.write(OK)
  assert.equal(await post('only'), 200)
})

/** A call that is not tried again, on a connection of its own and so on any thread. */
async function post(fn: string): Promise<number> {
  return (await call(gateway.port, 'POST', `/${fn}`)).status
}

async function healthOf(fn: string): Promise<Record<string, boolean>> {
  const { deployments } = await readStatus(gateway)
  const ours = deployments.filter(({ functionName }) => functionName === fn)
  return Object.fromEntries(ours.map(({ backend, healthy }) => [backend, healthy]))
}
