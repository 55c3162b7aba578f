import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call, openCall } from './call.ts'
import { type ChildGateway, startChildGateway } from './child-gateway.ts'
import { configFor, isRefused, REQUEST, startDraining } from './draining-gateway.ts'
import { Load } from './load.ts'
import { readStatus, until } from './observe.ts'
import { OK, startRawBackend } from './raw-backend.ts'
import { startRawUpstream } from './upstream.ts'

/** Group H of the checklist: the real command in a process of its own, stopped with real signals. */
/** Less where the same is tested another time, over another lane. */
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
  const { gateway, backend } = await startDraining(t, { drain: { delay: '1s', grace: '10s' } })
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

test('H04 more signals change nothing: the running call is finished, the exit code is 0', async (t) => {
  const { gateway, backend } = await startDraining(t, { drain: { grace: '10s' } })
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
  const { gateway } = await startDraining(t, { drain: { grace: '10s' } })
  gateway.process.kill('SIGINT')
  assert.equal(await gateway.exited, 0)
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

async function readiness({ management }: ChildGateway): Promise<number> {
  const answer = await fetch(`${management}/readyz`)
  await answer.arrayBuffer()
  return answer.status
}
