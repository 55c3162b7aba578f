import assert from 'node:assert/strict'
import type http from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { configText, startTestGateway } from '../e2e/gateway.ts'
import { readMetrics, readStatus, until } from '../e2e/observe.ts'
import { startUpstream } from '../e2e/upstream.ts'
import { type Arrival, Arrivals, atRate } from './arrivals.ts'
import { FixedCapacity } from './fixed-capacity.ts'
import { percentile } from './open-load.ts'

const SLOTS = 10
const SERVICE_MS = 200
const CAPACITY = (SLOTS * 1000) / SERVICE_MS

/** A gateway in front of a backend that serves ten calls at once, fifty a second. */
async function openSaturable(t: TestContext, threads: number, waiting: Record<string, unknown> = {}) {
  const backend = await FixedCapacity.start(t, SERVICE_MS)
  const gateway = await startTestGateway(t, {
    gateway: { threads },
    backends: { home: { driver: 'http', url: backend.url, concurrency: SLOTS } },
    functions: { f: { deployments: ['home'], waiting } },
    routes: [{ path: '/*', function: 'f', auth: 'none' }],
    organizations: {
      quiet: {
        functions: { f: { deployments: ['home'] } },
        routes: [{ path: '/quiet/*', function: 'f', auth: 'none' }],
      },
    },
  })
  return {
    backend,
    gateway,
    arrivals: new Arrivals(t),
    quietUrl: `${gateway.url}/quiet/`,
  }
}

const served = (arrivals: readonly Arrival[]) => arrivals.filter(({ status }) => status === 200)
const refused = (arrivals: readonly Arrival[]) => arrivals.filter(({ code }) => code === 'GW_SATURATED')

test('at three times its capacity a backend stays used, and the rest is refused at once', async (t) => {
  const { backend, gateway, arrivals } = await openSaturable(t, 2)
  const unloaded = await atRate(CAPACITY / 2, 1, () => arrivals.send(gateway.url))
  assert.equal(served(unloaded).length, unloaded.length)
  const load = atRate(3 * CAPACITY, 3, () => arrivals.send(gateway.url))
  await pause(2 * SERVICE_MS)
  backend.use(SLOTS)
  // The better of two: the machine may be busy with other things.
  const uses: number[] = []
  for (let i = 0; i < 2; i++) {
    await pause(1200)
    uses.push(backend.use(SLOTS))
  }
  const use = Math.max(...uses)
  t.diagnostic(`${use} of the capacity was used`)
  const all = await load
  assert.ok(use >= 0.9, `${use} of the capacity was used`)
  assert.equal(backend.most, SLOTS)
  assert.equal(served(all).length + refused(all).length, all.length)
  const refusedMs = refused(all).map(({ ms }) => ms)
  assert.ok(percentile(refusedMs, 0.5) < 10, `half of the refusals took ${percentile(refusedMs, 0.5)} ms`)
  assert.ok(percentile(refusedMs, 0.9) < SERVICE_MS / 2, `${percentile(refusedMs, 0.9)} ms`)
  for (const { retryAfter } of refused(all)) assert.ok(retryAfter >= 1 && retryAfter <= 30)
  // About twice as long as without load, and some air for a machine that is busy with other things.
  const [before, after] = [unloaded, all].map((calls) => served(calls).map(({ ms }) => ms)) as [
    number[],
    number[],
  ]
  const told = (ms: readonly number[]) => `p50 ${percentile(ms, 0.5)} ms, p99 ${percentile(ms, 0.99)} ms`
  t.diagnostic(`without load ${told(before)}; under load ${told(after)}; refused in ${told(refusedMs)}`)
  assert.ok(percentile(after, 0.5) <= 2.2 * percentile(before, 0.5), told(after))
  assert.ok(percentile(after, 0.99) <= 4 * percentile(before, 0.99), told(after))
})

test('who comes back when it is told to is served', async (t) => {
  const { gateway, arrivals } = await openSaturable(t, 1)
  const again: Arrival[] = []
  await atRate(4 * CAPACITY, 0.6, async () => {
    const { status, retryAfter } = await arrivals.send(gateway.url)
    if (status === 200) return
    await pause(retryAfter * 1000)
    again.push(await arrivals.send(gateway.url))
  })
  t.diagnostic(`${served(again).length} of ${again.length} were served when they came back`)
  assert.ok(again.length > CAPACITY / 2, `${again.length} were refused`)
  assert.ok(
    served(again).length >= 0.6 * again.length,
    `${served(again).length} of ${again.length} were served`,
  )
})

test('an organization that floods a backend does not slow down another', async (t) => {
  const { backend, gateway, arrivals, quietUrl } = await openSaturable(t, 2)
  const quiet = async (calls: number) => {
    const results: Arrival[] = []
    while (results.length < calls) results.push(await arrivals.send(quietUrl))
    return results
  }
  const alone = await quiet(10)
  const flood = atRate(3 * CAPACITY, 4, () => arrivals.send(gateway.url))
  await pause(500)
  const beside = await quiet(20)
  assert.ok(refused(await flood).length > CAPACITY)
  assert.equal(served(beside).length, beside.length, 'the quiet one was refused')
  const [before, after] = [alone, beside].map((calls) =>
    percentile(
      calls.map(({ ms }) => ms),
      0.99,
    ),
  )
  t.diagnostic(`p99 ${before} ms alone, ${after} ms beside a flood`)
  assert.ok(after! <= 2 * before! + SERVICE_MS / 2, `${after} ms instead of ${before} ms`)
  assert.equal(backend.most, SLOTS)
})

test('no more calls wait than may, and the others cost nothing', async (t) => {
  const { gateway, arrivals } = await openSaturable(t, 2, { most: 15, time: '1m' })
  const burst = Promise.all(Array.from({ length: 400 }, () => arrivals.send(gateway.url)))
  let most = 0
  const looking = { on: true }
  const look = async () => {
    while (looking.on) {
      const { samples } = await readMetrics(gateway)
      const waiting = samples.filter(({ name }) => name === 'dispatch_requests_waiting')
      most = Math.max(
        most,
        waiting.reduce((sum, { value }) => sum + value, 0),
      )
    }
  }
  const watch = look()
  const all = await burst
  looking.on = false
  await watch
  assert.ok(most > 0 && most <= 15, `${most} waited`)
  assert.equal(served(all).length + refused(all).length, 400)
  await until(async () => {
    const { samples } = await readMetrics(gateway)
    return samples.every(({ name, value }) => name !== 'dispatch_requests_waiting' || value === 0)
  }, 'nobody waits any more')
  const { samples } = await readMetrics(gateway)
  const count = (name: string, label: string, value: string) =>
    samples.find((sample) => sample.name === name && sample.labels[label] === value)?.value
  assert.equal(count('dispatch_refusals_total', 'code', 'GW_SATURATED'), refused(all).length)
  assert.ok(count('dispatch_phase_duration_seconds_count', 'phase', 'queue')! >= 1)
})

test('calls that wait on different threads all get their share of one slot', async (t) => {
  const backend = await FixedCapacity.start(t, 10)
  const gateway = await startTestGateway(t, {
    gateway: { threads: 2 },
    backends: { home: { driver: 'http', url: backend.url, concurrency: 1 } },
    functions: { f: { deployments: ['home'], waiting: { time: '1m' } } },
    routes: [{ path: '/*', function: 'f', auth: 'none' }],
  })
  // Connections are spread over the threads; each has one call at a time, and sends the next when it is answered.
  const connections = Array.from({ length: 16 }, () => new Arrivals(t))
  const end = performance.now() + 3000
  const counts = await Promise.all(
    connections.map(async (connection) => {
      let count = 0
      for (; performance.now() < end; count++) assert.equal((await connection.send(gateway.url)).status, 200)
      return count
    }),
  )
  assert.equal(backend.most, 1)
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  const fair = counts.reduce((sum, count) => sum + count, 0) / counts.length
  t.diagnostic(`calls of each connection: ${counts}`)
  assert.ok(least >= fair / 4 && most <= 4 * fair, `${counts}`)
})

test('a call that waits while the configuration changes is served by the one that it began with', async (t) => {
  const open: http.ServerResponse[] = []
  const upstream = await startUpstream(t, (_request, response) => void open.push(response))
  const config = (version: string) => ({
    backends: { home: { driver: 'http', url: upstream.url, concurrency: 1 } },
    functions: { f: { deployments: ['home'], waiting: { time: '1m' } } },
    routes: [{ path: '/*', function: 'f', auth: 'none' }],
    defaults: { plugins: { headers: { response: { set: { 'x-version': version } } } } },
  })
  const gateway = await startTestGateway(t, config('old'))
  const waiting = async () => {
    const { samples } = await readMetrics(gateway)
    return samples.reduce(
      (sum, { name, value }) => sum + (name === 'dispatch_requests_waiting' ? value : 0),
      0,
    )
  }
  const answers = [fetch(gateway.url)]
  await until(() => open.length === 1, 'the only slot is taken')
  answers.push(fetch(gateway.url))
  await until(async () => (await waiting()) === 1, 'a call waits')
  await gateway.write(configText(config('new')))
  await until(async () => (await readStatus(gateway)).configuration.generation === 2, 'the new one serves')
  answers.push(fetch(gateway.url))
  await until(async () => (await waiting()) === 2, 'another waits behind it')
  const versions: (string | null)[] = []
  for (const answer of answers) {
    await until(() => open.length > 0, 'the next is served')
    open.shift()!.end('ok')
    versions.push((await answer).headers.get('x-version'))
  }
  assert.deepEqual(versions, ['old', 'old', 'new'])
})
