import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf, meanOf, run, runExample, sumOf } from './lab.ts'

test('a step to three times what home can serve: home stays full, all are served, the cloud is left soon', async () => {
  const { calls, series, backends } = await runExample('step.yaml')
  assert.ok(calls.served / calls.arrived >= 0.999, `${calls.served} of ${calls.arrived} are served`)
  const home = series.inFlight['home']!
  const cloud = series.inFlight['cloud']!
  assert.ok(meanOf(home, 61, 120) / 40 >= 0.94, `home is used to ${meanOf(home, 61, 120) / 40}`)
  assert.equal(Math.max(...cloud.slice(126)), 0, 'the cloud has no call 6 s after the step')
  assert.ok(meanOf(cloud, 0, 60) < 0.1, 'before the step')
  assert.ok(backends.find(({ name }) => name === 'cloud')!.money > 0)
})

test('an outage of one of three: calls that can be repeated all succeed, and a slow one keeps few', async () => {
  const { calls, series, latencyMs } = await runExample('outage.yaml')
  assert.equal(calls.served, calls.arrived)
  assert.ok(calls.retries > 0 && calls.retries < 50, `${calls.retries} second tries`)
  assert.ok(meanOf(series.inFlight['two']!, 65, 115) < 0.2, 'while it is away')
  assert.ok(meanOf(series.inFlight['two']!, 270, 300) > 1, 'it is back')
  assert.ok(latencyMs.p99 < 300, `p99 is ${latencyMs.p99} ms`)
})

test('a budget that is used up: never more is spent, the rest is refused, home stays full', async () => {
  const { calls, money, series, notes } = await runExample('budget.yaml')
  assert.ok(money <= 0.02 && money > 0.019, `${money} is spent`)
  assert.ok(notes.some(({ text }) => text.includes('nearly used up')))
  assert.ok(meanOf(series.inFlight['home']!, 700, 1800) / 40 >= 0.98)
  assert.ok(sumOf(calls.refused) > 0)
  assert.equal(calls.served + sumOf(calls.refused) + sumOf(calls.failed), calls.arrived)
})

test('the same seed gives the same result, another seed another', async () => {
  const result = await runExample('outage.yaml', 7)
  assert.deepEqual(await runExample('outage.yaml', 7), result)
  assert.notEqual((await runExample('outage.yaml', 8)).calls.arrived, result.calls.arrived)
})

test('an hour of 500 calls in a second is simulated within a minute', async () => {
  const loaded = await configOf(
    { home: { concurrency: 100 }, cloud: { burst: true } },
    {
      burst: { budget: 'unlimited' },
    },
  )
  const from = performance.now()
  const { calls } = await run(
    loaded,
    { rate: [{ for: '60m', rate: 500 }] },
    {
      home: { service: { mean: '100ms' }, capacity: 100 },
      cloud: { service: { mean: '100ms' } },
    },
  )
  assert.ok(calls.arrived > 1_790_000)
  assert.ok(performance.now() - from < 60_000)
})

test('without room calls wait as they would on the gateway, and then are refused', async () => {
  const loaded = await configOf({ home: { concurrency: 2 } }, { timeout: '5s' })
  const { calls, waitMs, latencyMs } = await run(
    loaded,
    { rate: [{ for: '60s', rate: 40 }], arrivals: 'even' },
    { home: { service: '100ms', capacity: 2 } },
  )
  assert.ok(calls.waited > 500)
  assert.ok(waitMs.p99 <= 500)
  assert.ok(latencyMs.p99 <= 650)
  assert.ok(sumOf(calls.refused) > 1000)
  // Twenty in a second are what two places of 100 ms can serve.
  assert.ok(Math.abs(calls.served - 1200) < 24, `${calls.served} are served`)
})

test('a platform refuses what is beyond its capacity and its queue, and the calls go elsewhere', async () => {
  const loaded = await configOf({ tiny: {}, large: {} })
  const { backends, calls } = await run(
    loaded,
    { rate: [{ for: '30s', rate: 100 }] },
    { tiny: { service: '200ms', capacity: 1, queue: 1 }, large: { service: '200ms' } },
  )
  assert.equal(calls.served, calls.arrived)
  const [tiny] = backends
  assert.ok(tiny!.failures['overloaded']! > 0)
  assert.ok(tiny!.latencyMs.p99 > 300, 'those in its queue wait for one before them')
})

test('a platform that never answers ends calls at their deadline', async () => {
  const loaded = await configOf({ dead: {} }, { timeout: '1s' })
  const { calls } = await run(
    loaded,
    { rate: [{ for: '10s', rate: 5 }], arrivals: 'even' },
    { dead: { service: '10ms', events: [{ from: '0s', for: '1h', calls: 'hang' }] } },
  )
  assert.deepEqual(calls.failed, { timeout: 50 })
})

test('an instance that was idle for too long is started again', async () => {
  const loaded = await configOf({ sleepy: {} })
  const { latencyMs } = await run(
    loaded,
    { rate: [{ for: '10m', rate: 0.05 }], arrivals: 'even' },
    { sleepy: { service: '10ms', coldStart: { time: '2s', idle: '10s' } } },
  )
  assert.ok(latencyMs.p50 > 1900)
})

test('a function that answers errors is served, and its errors are counted', async () => {
  const loaded = await configOf({ home: {} })
  const { calls } = await run(
    loaded,
    { rate: [{ for: '60s', rate: 100 }] },
    { home: { service: '10ms', errors: 0.2 } },
  )
  assert.equal(calls.served, calls.arrived)
  assert.ok(Math.abs(calls.errors / calls.served - 0.2) < 0.03)
})

test('calls of a hint and from a place go where those of the gateway would', async () => {
  const loaded = await configOf({
    here: { zone: 'eu-west-1/a' },
    there: { zone: 'us-east-1/a', offers: { gpu: true } },
  })
  const platforms = { here: { service: '10ms' }, there: { service: '10ms' } }
  const rate = [{ for: '10s', rate: 10 }]
  const served = async (flow: Record<string, unknown>) => {
    const { backends } = await run(loaded, { rate, ...flow }, platforms)
    return backends.filter((one) => one.served > 0).map(({ name }) => name)
  }
  assert.deepEqual(await served({}), ['here'])
  assert.deepEqual(await served({ hint: 'gpu' }), ['there'])
  assert.deepEqual(await served({ zone: 'us-east-1/b' }), ['there'])
})
