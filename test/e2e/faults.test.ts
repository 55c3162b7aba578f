import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { afterEach, before, beforeEach, test } from 'node:test'
import { listen } from '../loopback.ts'
import { type CallOptions, call as callGateway, openCall, type Seen } from './call.ts'
import { underTest } from './driver-under-test.ts'
import { fileCleanup } from './file-cleanup.ts'
import { startTestGateway, type TestGateway } from './gateway.ts'
import { callsByOutcome, counted, readMetrics, slotsTaken, until } from './observe.ts'
import { OK, type RawBackend, type RawRequest, startRawBackend } from './raw-backend.ts'
import type { Wire } from './wire.ts'

const cleanup = fileCleanup()

/** Group F of the checklist: what a client sees when backends break. U is the number of whole requests upstream. */
let a: RawBackend
let b: RawBackend
let c: RawBackend
let gateway: TestGateway

/** Every case has a function of its own, because a function that fails is remembered. */
const ON_A = ['alone', 'cut', 'stale', 'poisoned', 'silent']
const ON_A_AND_B = ['pair', 'pair-post', 'started']
const ON_ALL = ['all', 'twice', 'all-silent']

before(async () => {
  ;[a, b, c] = (await Promise.all([1, 2, 3].map(() => startRawBackend(cleanup)))) as [
    RawBackend,
    RawBackend,
    RawBackend,
  ]
  const refused = await unusedPort()
  const functions = {
    ...Object.fromEntries(ON_A.map((name) => [name, { deployments: ['a'], timeout: '400ms' }])),
    ...Object.fromEntries(ON_A_AND_B.map((name) => [name, { deployments: ['a', 'b'], timeout: '2s' }])),
    ...Object.fromEntries(ON_ALL.map((name) => [name, { deployments: ['a', 'b', 'c'], timeout: '600ms' }])),
    unreachable: { deployments: ['nobody'] },
    half: { deployments: ['nobody', 'b'] },
    repeatable: { deployments: ['a', 'b'], idempotent: true },
  }
  gateway = await startTestGateway(cleanup, {
    gateway: { timeouts: { body: '700ms' }, limits: { replay: '16KiB' } },
    backends: underTest({
      a: { driver: 'http', url: a.url },
      b: { driver: 'http', url: b.url },
      c: { driver: 'http', url: c.url },
      nobody: { driver: 'http', url: `http://127.0.0.1:${refused}` },
    }),
    functions,
    routes: Object.keys(functions).map((name) => ({
      path: `/${name}`,
      function: name,
      auth: 'none',
      retries: { attempts: name === 'twice' ? 2 : 3 },
    })),
  })
})

beforeEach(() => {
  for (const backend of [a, b, c]) {
    backend.forget()
    backend.answer = ({ socket }) => void socket.write(OK)
    backend.onHead = () => {}
  }
})

/** Whatever happened: the gateway serves on, no error reached nobody, and every slot is free again. */
afterEach(async () => {
  for (const backend of [a, b, c]) backend.answer = ({ socket }) => void socket.write(OK)
  assert.equal((await call('GET', 'alone')).status, 200)
  await until(async () => (await slotsTaken(gateway)) === 0, 'all slots are given back')
  const metrics = await readMetrics(gateway)
  assert.equal(metrics.value('dispatch_unhandled_rejections_total', {}), 0)
})

test('F02 a GET whose backend resets before it answers is tried on the other one', async () => {
  a.answer = reset
  for (let i = 0; i < 10; i++) assert.equal((await call('GET', 'pair')).status, 200)
  assert.ok(a.requests.length > 0, 'the broken one was never chosen: the test proves nothing')
  assert.equal(b.requests.length, 10)
})

test('F02 a POST whose backend resets before it answers is not: 502, and the other one never sees it', async () => {
  a.answer = reset
  const statuses: number[] = []
  for (let i = 0; i < 12; i++) {
    const answer = await call('POST', 'pair-post', { body: 'pay' })
    statuses.push(answer.status)
    if (answer.status === 502) assert.equal(answer.code, 'GW_BACKEND_RESET')
  }
  const failed = statuses.filter((status) => status === 502).length
  assert.ok(failed > 0, 'the broken one was never chosen: the test proves nothing')
  assert.equal(a.requests.length, failed)
  assert.equal(b.requests.length, 12 - failed)
})

for (const [id, what, bytes] of [
  ['F03', 'a body shorter than its length', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npartial'],
  [
    'F04',
    'chunks without a last one',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\npartial\r\n',
  ],
] as const) {
  for (const [how, cut] of [
    ['a close', (socket: net.Socket) => void socket.end()],
    ['a reset', (socket: net.Socket) => void socket.resetAndDestroy()],
  ] as const) {
    test(`${id} ${what}, then ${how}: the client's connection is cut, not ended cleanly`, async () => {
      const before = await callsByOutcome(gateway)
      a.answer = async ({ socket }) => {
        socket.write(bytes)
        // The reset must not overtake what was written.
        await until(() => wire.received.includes('partial'), 'the client has the first part')
        cut(socket)
      }
      const wire = open('GET', 'cut')
      await wire.until(1, 3000)
      assert.ok(wire.closed, 'the connection stayed open')
      assert.deepEqual(wire.answers, [], 'the client took the answer for whole')
      assert.ok(!wire.received.includes('0\r\n\r\n', 0, 'latin1'), 'a last chunk was made up')
      assert.equal(a.requests.length, 1)
      await counted(gateway, 'reset', (before['reset'] ?? 0) + 1)
    })
  }
}

test('a client of HTTP/1.0 sees a broken answer as a reset, because its end would be the end of the body', async () => {
  a.answer = async ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\npartial\r\n')
    await partial
    socket.destroy()
  }
  const client = net.connect(gateway.port, '127.0.0.1', () =>
    client.write('GET /cut HTTP/1.0\r\nHost: x\r\n\r\n'),
  )
  const partial = once(client, 'data')
  await partial
  const [error] = (await once(client, 'error')) as [NodeJS.ErrnoException]
  assert.equal(error.code, 'ECONNRESET')
})

test('F05 a GET on a kept connection that the backend closes at that moment is sent again on a fresh one', async () => {
  await warmUp('stale')
  a.answer = (request) => (request.turn > 1 ? request.socket.destroy() : void request.socket.write(OK))
  assert.equal((await call('GET', 'stale')).status, 200)
  assert.deepEqual(
    a.requests.map(({ turn }) => turn),
    [2, 1],
  )
})

test('F05 a kept connection that was closed while idle is never used again', async () => {
  for (let i = 0; i < 20; i++) {
    await warmUp('stale')
    const before = a.open.size
    for (const socket of a.open) socket.end()
    assert.equal((await call('POST', 'stale', { body: 'x' })).status, 200)
    assert.ok(before > 0)
  }
})

for (const [what, body, headers] of [
  ['without a body', '', []],
  ['with a body', 'small', []],
  ['with a body larger than is kept in memory', 'x'.repeat(100_000), []],
  ['with a large body and an idempotency key', 'x'.repeat(100_000), ['Idempotency-Key: k']],
] as const) {
  test(`F06 a POST ${what} on a kept connection that breaks is not sent again`, async () => {
    await warmUp('stale')
    a.answer = (request) => (request.turn > 1 ? request.socket.destroy() : void request.socket.write(OK))
    const answer = await call('POST', 'stale', { body, headers })
    assert.equal(answer.status, 502)
    assert.equal(answer.code, 'GW_BACKEND_RESET')
    assert.equal(a.requests.length, 1)
    assert.equal(a.heads, 1)
  })
}

test('F06 a POST that says it may be repeated, by its key or by its function, is sent again', async () => {
  await warmUp('stale')
  a.answer = (request) => (request.turn > 1 ? request.socket.destroy() : void request.socket.write(OK))
  const keyed = await call('POST', 'stale', { body: 'small', headers: ['Idempotency-Key: k'] })
  assert.equal(keyed.status, 200)
  assert.deepEqual(
    a.requests.map(({ body }) => body.toString()),
    ['small', 'small'],
  )
  a.answer = reset
  for (let i = 0; i < 6; i++) assert.equal((await call('POST', 'repeatable', { body: 'small' })).status, 200)
  assert.ok(a.requests.length > 2)
})

test('F06 a POST that never left, because nobody listens, goes to the other backend, its stream included', async () => {
  for (const body of ['', 'small', 'x'.repeat(100_000)]) {
    for (let i = 0; i < 6; i++) assert.equal((await call('POST', 'half', { body })).status, 200)
    assert.ok(b.requests.every((request) => request.body.length === body.length))
    b.forget()
  }
})

for (const method of ['PUT', 'DELETE']) {
  test(`F07 a ${method} on a kept connection that breaks is sent again`, async () => {
    await warmUp('stale')
    a.answer = (request) => (request.turn > 1 ? request.socket.destroy() : void request.socket.write(OK))
    assert.equal((await call(method, 'stale', { body: 'state' })).status, 200)
    assert.deepEqual(
      a.requests.map(({ body }) => body.toString()),
      ['state', 'state'],
    )
  })
}

test('F08 once a byte of the answer is with the client there is no second try', async () => {
  for (const backend of [a, b]) {
    backend.answer = ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n')
      setTimeout(() => socket.destroy(), 20)
    }
  }
  const wire = open('GET', 'started')
  await wire.until(1, 3000)
  assert.ok(wire.closed)
  assert.match(wire.received.toString('latin1'), /^HTTP\/1\.1 200 /)
  assert.equal(a.requests.length + b.requests.length, 1)
})

test('F09 when all backends fail there are as many attempts as configured, and one answer', async () => {
  for (const backend of [a, b, c]) backend.answer = reset
  const three = await call('GET', 'all')
  assert.equal(three.status, 502)
  assert.equal(three.problem['attempts'], 3)
  assert.equal(total(), 3)
  for (const backend of [a, b, c]) backend.forget()
  const two = await call('GET', 'twice')
  assert.equal(two.status, 502)
  assert.equal(total(), 2)
})

test('F09 all attempts share one deadline', async () => {
  for (const backend of [a, b, c]) {
    backend.answer = (request) => void setTimeout(() => request.socket.destroy(), 250)
  }
  const start = performance.now()
  const answer = await call('GET', 'all-silent')
  assert.equal(answer.status, 504)
  assert.ok(performance.now() - start < 2000)
  assert.ok(total() <= 3)
})

test('a backend that cannot be reached is 502, tried once when there is no other', async () => {
  const answer = await call('GET', 'unreachable')
  assert.equal(answer.status, 502)
  assert.equal(answer.code, 'GW_BACKEND_UNREACHABLE')
  assert.equal(answer.problem['attempts'], 1)
})

test('F11 a backend that takes the request and says nothing: 504 in time, its connection cut, the slot free', async () => {
  a.answer = () => {}
  const start = performance.now()
  const answer = await call('GET', 'silent')
  const took = performance.now() - start
  assert.equal(answer.status, 504)
  assert.equal(answer.code, 'GW_TIMEOUT')
  assert.ok(took >= 399 && took < 1500, `after ${took} ms`)
  const [request] = a.requests as [RawRequest]
  await until(() => request.socket.destroyed, 'the upstream connection is closed', 1000)
  assert.equal(await slotsTaken(gateway), 0)
})

test('F12 an answer that nobody asked for is never given to the next client', async () => {
  const poison = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'
  for (let i = 0; i < 50; i++) {
    a.answer = ({ socket }) => {
      // In one piece: a server that speaks later may speak after the next request was sent, and nobody can tell.
      socket.write(OK + poison.slice(0, i % 2 === 0 ? undefined : i))
    }
    const answers = await Promise.all([
      call('GET', 'poisoned'),
      call('GET', 'poisoned'),
      call('GET', 'poisoned'),
    ])
    for (const { body } of answers) assert.equal(body, 'ok')
  }
})

test('F12 an answer that comes while the connection is idle ends that connection', async () => {
  await warmUp('poisoned')
  const [idle] = [...a.open]
  idle!.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison')
  await once(idle!, 'close')
  assert.equal((await call('GET', 'poisoned')).body, 'ok')
})

function open(method: string, fn: string, options?: CallOptions): Wire {
  return openCall(gateway.port, method, `/${fn}`, options)
}

function call(method: string, fn: string, options?: CallOptions): Promise<Seen> {
  return callGateway(gateway.port, method, `/${fn}`, options)
}

/** Leaves one idle connection to the first backend open, and nothing else. */
async function warmUp(fn: string): Promise<void> {
  for (const socket of a.open) socket.end()
  await until(() => a.open.size === 0, 'old connections are gone')
  assert.equal((await call('GET', fn)).status, 200)
  // A probe has its own for a moment.
  await until(() => a.open.size === 1, 'one connection is kept')
  a.forget()
}

function reset({ socket }: RawRequest): void {
  socket.resetAndDestroy()
}

function total(): number {
  return a.requests.length + b.requests.length + c.requests.length
}

async function unusedPort(): Promise<number> {
  const server = net.createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}
