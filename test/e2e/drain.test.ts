import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { call, openCall } from './call.ts'
import { type ChildGateway, startChildGateway } from './child-gateway.ts'
import { Load } from './load.ts'
import { readStatus, until } from './observe.ts'
import { OK, type RawBackend, startRawBackend } from './raw-backend.ts'
import { startRawUpstream } from './upstream.ts'
import { Wire } from './wire.ts'

/** Group H of the checklist: the real command in a process of its own, stopped with real signals. */
const REQUEST = 'GET /any HTTP/1.1\r\nHost: own.test\r\n\r\n'
/** Less where the same is tested another time, over another lane or transport. */
const REQUESTS = Number(process.env['DISPATCH_TEST_REQUESTS'] ?? 50_000)
const ROUNDS = 3

test(`H01 gateways restarted in turn under load: no request of ${REQUESTS} fails, and each exits with 0`, async (t) => {
  const upstream = await startRawUpstream(t, (socket) => {
    socket.setNoDelay(true)
    socket.on('data', () => socket.write(OK))
  })
  const settings = { threads: 1, drain: { delay: '400ms', grace: '10s' } }
  const startOne = () => startChildGateway(t, configFor(upstream.url, settings))
  let [serving, other] = await Promise.all([startOne(), startOne()])
  // What a balancer does: it asks for readiness, and opens connections where it is.
  const ready = new Set([serving.port, other.port])
  const watch = async ({ management, port, exited }: ChildGateway) => {
    let running = true
    void exited.then(() => {
      running = false
    })
    while (running) {
      const answer = await fetch(`${management}/readyz`).catch(() => null)
      if (answer?.status !== 200) ready.delete(port)
      await answer?.arrayBuffer()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  void watch(serving)
  void watch(other)
  const load = new Load({
    port: () => [...ready][Math.floor(Math.random() * ready.size)] ?? null,
    connections: 12,
    request: REQUEST,
  })
  for (let round = 1; round <= ROUNDS; round++) {
    const due = (REQUESTS / (ROUNDS + 1)) * round
    await until(() => load.answered >= due || load.failed > 0, 'the load goes on', 30_000)
    serving.process.kill('SIGTERM')
    assert.equal(await serving.exited, 0, serving.output())
    const fresh = await startOne()
    void watch(fresh)
    ready.add(fresh.port)
    ;[serving, other] = [other, fresh]
  }
  await until(() => load.answered >= REQUESTS || load.failed > 0, 'the load goes on', 30_000)
  const { answered, failed, failures } = await load.stop()
  t.diagnostic(`${answered} requests, ${failed} failed, ${ROUNDS} restarts`)
  assert.deepEqual(failures, [])
  assert.equal(failed, 0)
})

test('H01 with the default settings too: clients on kept connections lose nothing', async (t) => {
  const upstream = await startRawUpstream(t, (socket) => {
    socket.setNoDelay(true)
    socket.on('data', () => socket.write(OK))
  })
  const gateway = await startChildGateway(
    t,
    configFor(upstream.url, { threads: 2, drain: { delay: '0s', grace: '30s' } }),
  )
  let accepting = true
  const load = new Load({ port: () => (accepting ? gateway.port : null), connections: 16, request: REQUEST })
  await until(() => load.answered >= 5000, 'the load goes on', 30_000)
  // Connections from now on may meet a socket that is closed already; those that exist must not.
  accepting = false
  const start = performance.now()
  gateway.process.kill('SIGTERM')
  assert.equal(await gateway.exited, 0)
  assert.ok(performance.now() - start < 10_000)
  const { failures, answered } = await load.stop()
  t.diagnostic(`${answered} requests`)
  assert.deepEqual(failures, [])
})

test('H01 readiness turns first; during the delay new connections are served and told to close', async (t) => {
  const { gateway, backend } = await start(t, { drain: { delay: '1s', grace: '10s' } })
  backend.answer = ({ target, socket }) => void (target === '/slow' || socket.write(OK))
  const slow = openCall(gateway.port, 'GET', '/slow')
  await until(() => backend.requests.length === 1, 'a call is running')
  const [running] = backend.requests
  gateway.process.kill('SIGTERM')
  await until(async () => (await readiness(gateway)) === 503, 'not ready')
  const late = await call(gateway.port, 'GET', '/late')
  assert.equal(late.status, 200)
  assert.deepEqual(late.headers.get('connection'), ['close'])
  assert.equal((await readStatus(gateway)).state, 'draining')
  await until(() => isRefused(gateway.port), 'new connections are refused after the delay')
  assert.equal(slow.closed, false)
  running!.socket.write(OK)
  await slow.until(1, 3000)
  assert.equal(slow.answers[0]?.status, 200)
  assert.deepEqual(slow.answers[0]?.headers.get('connection'), ['close'])
  assert.equal(await gateway.exited, 0)
})

test('H01 an upload that is on its way is finished', async (t) => {
  const { gateway, backend } = await start(t, { drain: { grace: '10s' } })
  const wire = new Wire(gateway.port)
  wire.write('POST / HTTP/1.1\r\nHost: own.test\r\nContent-Length: 200000\r\n\r\n')
  wire.write('x'.repeat(100_000))
  await until(() => backend.heads === 1, 'the upload has begun')
  gateway.process.kill('SIGTERM')
  await until(() => isRefused(gateway.port), 'new connections are refused')
  wire.write('x'.repeat(100_000))
  await wire.until(1, 3000)
  assert.equal(wire.answers[0]?.status, 200)
  assert.equal(backend.requests[0]?.body.length, 200_000)
  assert.equal(await gateway.exited, 0)
})

test('H02 calls that take longer than the grace are cut with 503, and the exit code says so', async (t) => {
  const { gateway, backend } = await start(t, { drain: { grace: '700ms' } })
  backend.answer = () => {}
  const wires = [openCall(gateway.port, 'GET', '/'), openCall(gateway.port, 'POST', '/', { body: 'x' })]
  const upload = new Wire(gateway.port)
  upload.write(`POST / HTTP/1.1\r\nHost: own.test\r\nContent-Length: 900000\r\n\r\n${'x'.repeat(100_000)}`)
  await until(() => backend.heads === 3, 'three calls are running')
  const since = performance.now()
  gateway.process.kill('SIGTERM')
  await Promise.all([...wires, upload].map((wire) => wire.until(1, 5000)))
  for (const { answers } of [...wires, upload]) {
    assert.equal(answers[0]?.status, 503)
    assert.deepEqual(answers[0]?.headers.get('dispatch-error'), ['GW_DRAINING'])
    assert.deepEqual(answers[0]?.headers.get('connection'), ['close'])
  }
  assert.equal(await gateway.exited, 1)
  const took = performance.now() - since
  assert.ok(took > 690 && took < 5000, `after ${took} ms`)
  await until(() => backend.open.size === 0, 'the calls upstream are cut')
})

test('H03 an idle connection is ended without a reset; one that brings a request is answered and told to close', async (t) => {
  const { gateway } = await start(t, { drain: { grace: '10s' } })
  const idle = net.connect(gateway.port, '127.0.0.1')
  const late = new Wire(gateway.port)
  const fresh = net.connect(gateway.port, '127.0.0.1')
  await once(fresh, 'connect')
  idle.write(REQUEST)
  late.write(REQUEST)
  await Promise.all([once(idle, 'data'), late.until(1, 3000)])
  const errors: Error[] = []
  for (const socket of [idle, fresh]) socket.on('error', (error) => errors.push(error))
  const ended = Promise.all([once(idle, 'end'), once(fresh, 'end')])
  gateway.process.kill('SIGTERM')
  await until(() => isRefused(gateway.port), 'new connections are refused')
  // As Kong would: it took the connection from its pool just before it learned anything.
  late.write(REQUEST)
  await late.until(2, 3000)
  assert.equal(late.answers[1]?.status, 200)
  assert.deepEqual(late.answers[1]?.headers.get('connection'), ['close'])
  fresh.resume()
  await ended
  assert.deepEqual(errors, [])
  assert.equal(await gateway.exited, 0)
})

test('H03 of requests that a client sent at once the last answer alone says close', async (t) => {
  const { gateway, backend } = await start(t, { drain: { grace: '10s' } })
  backend.answer = () => {}
  const wire = new Wire(gateway.port)
  wire.write(REQUEST.repeat(3))
  await until(() => backend.requests.length === 3, 'three calls are running')
  gateway.process.kill('SIGTERM')
  await until(() => isRefused(gateway.port), 'new connections are refused')
  for (const { socket } of backend.requests) socket.write(OK)
  await wire.until(3, 3000)
  assert.deepEqual(
    wire.answers.map(({ status, headers }) => [status, headers.get('connection')?.[0]]),
    [
      [200, 'keep-alive'],
      [200, 'keep-alive'],
      [200, 'close'],
    ],
  )
  assert.equal(await gateway.exited, 0)
})

test('H04 more signals change nothing: the running call is finished, the exit code is 0', async (t) => {
  const { gateway, backend } = await start(t, { drain: { grace: '10s' } })
  backend.answer = () => {}
  const slow = openCall(gateway.port, 'GET', '/slow')
  await until(() => backend.requests.length === 1, 'a call is running')
  for (const signal of ['SIGTERM', 'SIGTERM', 'SIGHUP', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    gateway.process.kill(signal)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
  const [running] = backend.requests
  running!.socket.write(OK)
  await slow.until(1, 3000)
  assert.equal(slow.answers[0]?.status, 200)
  assert.equal(await gateway.exited, 0)
})

test('H04 SIGINT stops as SIGTERM does', async (t) => {
  const { gateway } = await start(t, { drain: { grace: '10s' } })
  gateway.process.kill('SIGINT')
  assert.equal(await gateway.exited, 0)
})

test('H05 a stream of events that ends in time ends cleanly', async (t) => {
  const { gateway, backend } = await start(t, { drain: { grace: '10s' } })
  const stream = await openEvents(gateway, backend)
  gateway.process.kill('SIGTERM')
  await until(() => isRefused(gateway.port), 'new connections are refused')
  backend.requests[0]!.socket.write('5\r\nlast\n\r\n0\r\n\r\n')
  await stream.until(1, 3000)
  assert.equal(stream.answers[0]?.body.toString(), 'first\nlast\n')
  assert.equal(await gateway.exited, 0)
})

test('H05 a stream of events without end is cut when the grace is over, not ended as if it were whole', async (t) => {
  const { gateway, backend } = await start(t, { drain: { grace: '700ms' } })
  const stream = await openEvents(gateway, backend)
  gateway.process.kill('SIGTERM')
  await stream.until(1, 5000)
  assert.ok(stream.closed)
  assert.deepEqual(stream.answers, [])
  assert.equal(await gateway.exited, 1)
})

test('a gateway that hangs in a thread stops all the same, and its exit code says so', async (t) => {
  const backend = await startRawBackend(t)
  const gateway = await startChildGateway(t, {
    ...configFor(backend.url, { threads: 1, heartbeat: { timeout: '1s' }, drain: { grace: '20s' } }),
    plugins: [new URL('outside/trouble-plugin.ts', import.meta.url).pathname],
    defaults: { plugins: { trouble: {} } },
  })
  openCall(gateway.port, 'GET', '/', { headers: ['X-Trouble: access:loop'] })
  await until(async () => (await readStatus(gateway)).threads[0]!.heartbeatAgeMs > 250, 'the thread hangs')
  gateway.process.kill('SIGTERM')
  const since = performance.now()
  assert.equal(await gateway.exited, 1)
  assert.ok(performance.now() - since < 10_000, 'not only after the grace')
})

function configFor(url: string, settings: Record<string, unknown>): Record<string, unknown> {
  return {
    gateway: settings,
    backends: { raw: { driver: 'http', url } },
    functions: { fn: { deployments: ['raw'], timeout: '30s' } },
    routes: [{ path: '/*', function: 'fn', auth: 'none' }],
  }
}

async function start(
  t: TestContext,
  settings: Record<string, unknown>,
): Promise<{ readonly gateway: ChildGateway; readonly backend: RawBackend }> {
  const backend = await startRawBackend(t)
  return { backend, gateway: await startChildGateway(t, configFor(backend.url, { threads: 2, ...settings })) }
}

/** A stream of which the first event has arrived. */
async function openEvents(gateway: ChildGateway, backend: RawBackend): Promise<Wire> {
  backend.answer = ({ socket }) =>
    void socket.write(
      'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nfirst\n\r\n',
    )
  const stream = openCall(gateway.port, 'GET', '/events')
  await until(() => stream.received.includes('first'), 'the stream has begun')
  return stream
}

async function readiness({ management }: ChildGateway): Promise<number> {
  const answer = await fetch(`${management}/readyz`)
  await answer.arrayBuffer()
  return answer.status
}

/** Whether nobody accepts connections there. */
async function isRefused(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return false
  } catch {
    return true
  } finally {
    socket.destroy()
  }
}
