import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { FaultyAdmin } from '../kong-plugins/faulty-admin.ts'
import { StandIn } from '../kong-plugins/stand-in/kong.ts'
import { configText, startTestGateway, type TestGateway } from './gateway.ts'
import { readMetrics, readStatus, until } from './observe.ts'
import { startUpstream } from './upstream.ts'

/** A gateway with a Kong in front, whose Admin API can be broken. */
async function start(t: TestContext, gateway: Record<string, unknown> = {}) {
  const kong = await StandIn.open({ database: true })
  const admin = await FaultyAdmin.open(kong.url)
  t.after(async () => {
    admin.close()
    await kong.close()
  })
  const upstream = await startUpstream(t, (_request, response) => response.end('hello'))
  const configWith = (paths: readonly string[]) => ({
    gateway,
    backends: { b: { driver: 'http', url: upstream.url } },
    functions: { f: { deployments: ['b'] } },
    kong: { admin: { url: admin.url, timeout: '1m' }, targets: ['127.0.0.1:8080'], every: '1s' },
    routes: paths.map((path) => ({ path, function: 'f', auth: 'none' })),
  })
  const running = await startTestGateway(t, configWith(['/a']))
  const reload = async (paths: readonly string[]): Promise<void> => {
    await running.write(configText(configWith(paths)))
    await running.running.reload()
  }
  const paths = async (): Promise<string[]> => {
    const { data } = (await (await fetch(`${kong.url}/routes`)).json()) as { data: { paths: string[] }[] }
    return data.map((route) => route.paths[0]!).sort()
  }
  return { kong, admin, gateway: running, reload, paths }
}

async function kongOf(gateway: TestGateway) {
  return (await readStatus(gateway)).kong!
}

async function inStep(gateway: TestGateway): Promise<void> {
  await until(async () => (await kongOf(gateway)).state === 'in-step', 'Kong is in step', 30_000)
}

test('routes are in Kong when the gateway starts, and within a second after they change', async (t) => {
  const { gateway, reload, paths } = await start(t)
  await inStep(gateway)
  assert.deepEqual(await paths(), ['~/a$'])
  // A machine that is busy with something else may be late, but not each time.
  const took: number[] = []
  for (let count = 2; count <= 6 && !took.some((ms) => ms < 1000); count++) {
    await reload(Array.from({ length: count }, (_, i) => `/r${i}`))
    const changedAt = performance.now()
    await until(async () => (await paths()).length === count, 'the new routes are in Kong', 20_000)
    took.push(performance.now() - changedAt)
  }
  assert.ok(
    took.some((ms) => ms < 1000),
    `${took} ms`,
  )
})

test('what others change is put right, and the status and the metrics tell of it', async (t) => {
  const { kong, gateway, paths } = await start(t)
  await inStep(gateway)
  const { data } = (await (await fetch(`${kong.url}/routes`)).json()) as { data: { id: string }[] }
  await fetch(`${kong.url}/routes/${data[0]!.id}`, { method: 'DELETE' })
  await until(async () => (await paths()).length === 1, 'the route is back', 30_000)
  await until(async () => (await kongOf(gateway)).total.driftRepaired === 1, 'it is counted', 30_000)
  const { samples } = await readMetrics(gateway)
  const sampleOf = (name: string, labels: Record<string, string> = {}) =>
    samples.find(
      (sample) =>
        sample.name === `dispatch_kong_${name}` &&
        Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )?.value
  assert.equal(sampleOf('drift_found_total'), 1)
  assert.equal(sampleOf('drift_repaired_total'), 1)
  assert.equal(sampleOf('entities', { kind: 'routes' }), 1)
  assert.equal(sampleOf('state', { state: 'in-step' }), 1)
  assert.equal(sampleOf('lag_seconds'), 0)
  assert.equal(sampleOf('writes_total'), 6)
})

test('I13 a Kong that is down changes nothing for calls, and is brought in step when it is back', async (t) => {
  const { admin, gateway, reload, paths } = await start(t)
  await inStep(gateway)
  admin.down()
  await reload(['/a', '/c'])
  await until(async () => (await kongOf(gateway)).state === 'failing', 'it is known to be away', 20_000)
  const answer = await fetch(`${gateway.url}/c`)
  assert.deepEqual([answer.status, await answer.text()], [200, 'hello'])
  const { lastError, lagMs } = await kongOf(gateway)
  assert.match(lastError!.message, /cannot be reached/)
  assert.ok(lagMs > 0)
  await admin.up()
  await until(async () => (await paths()).length === 2, 'the route is in Kong', 60_000)
})

test('a Kong that does not answer does not keep the gateway from stopping', async (t) => {
  const { admin, gateway } = await start(t)
  await inStep(gateway)
  admin.fault = () => ({ kind: 'hang' })
  const looks = admin.seen.length
  await until(() => admin.seen.length > looks, 'it is asked again', 30_000)
  const began = performance.now()
  await gateway.running.close()
  assert.ok(performance.now() - began < 20_000)
})

test('Kong learns at a path of its own whether a gateway takes calls', async (t) => {
  const { gateway } = await start(t, { drain: { delay: '5s', grace: '0s' } })
  const ask = (method = 'GET') => fetch(`${gateway.url}/.dispatch/ready`, { method })
  const ready = await ask()
  assert.deepEqual([ready.status, await ready.text()], [200, 'ready\n'])
  const head = await ask('HEAD')
  assert.deepEqual([head.status, await head.text()], [200, ''])
  assert.equal((await ask('POST')).status, 404)
  const closed = gateway.running.close()
  await until(async () => (await ask()).status === 503, 'it says so while it drains', 4800)
  await closed
})
