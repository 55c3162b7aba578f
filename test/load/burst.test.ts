import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FixedPlatform, startFixedPlatform } from '../e2e/fixed-platform.ts'
import { type Cleanup, startTestGateway, type TestGateway } from '../e2e/gateway.ts'
import { readStatus } from '../e2e/observe.ts'
import { type Shot, shoot } from './open-load.ts'

/** A home platform that takes 60 calls of 400 ms at once, 150 a second: long ones, so that a busy machine hides little. */
const SERVICE_MS = 400
const HOME_CALLS = 60
const CAPACITY = (HOME_CALLS * 1000) / SERVICE_MS
const PRICE = 0.001

interface Burst {
  readonly gateway: TestGateway
  readonly home: FixedPlatform
  readonly cloud: FixedPlatform
}

async function startBurst(t: Cleanup, burst: object | null): Promise<Burst> {
  const home = await startFixedPlatform(t, SERVICE_MS)
  const cloud = await startFixedPlatform(t, SERVICE_MS)
  const gateway = await startTestGateway(t, {
    gateway: { threads: 2 },
    backends: {
      home: { driver: 'http', url: home.url, concurrency: HOME_CALLS },
      cloud: { driver: 'http', url: cloud.url, burst: true, price: { call: PRICE } },
    },
    functions: { f: { deployments: burst === null ? ['home'] : ['home', 'cloud'], ...burst } },
    routes: [{ path: '/f', function: 'f', auth: 'none' }],
  })
  return { gateway, home, cloud }
}

function cloudShare(shots: readonly Shot[]): number {
  return shots.filter(({ backend }) => backend === 'cloud').length / shots.length
}

test('a step to three times the home capacity is served with the cloud, home stays used, and the cloud is left again', async (t) => {
  const { gateway, home } = await startBurst(t, { burst: { budget: { money: 1000 } } })
  await shoot(gateway.url, '/f', CAPACITY / 4, 1000)
  // The first seconds of the step fill the platform.
  const rise = await shoot(gateway.url, '/f', 3 * CAPACITY, 2000)
  const busyBefore = home.busyMs()
  const begin = performance.now()
  const step = await shoot(gateway.url, '/f', 3 * CAPACITY, 6000)
  const use = (home.busyMs() - busyBefore) / (HOME_CALLS * (performance.now() - begin))
  const served = [...rise, ...step].filter(({ status }) => status === 200).length
  assert.ok(served >= 0.999 * (rise.length + step.length), `${served} of ${rise.length + step.length}`)
  // 95 % where time is virtual (test/gateway/simulation/simulate.test.ts); here a busy machine keeps calls on their way.
  assert.ok(use >= 0.75, `home was used to ${use}`)
  assert.ok(home.mostInFlight <= HOME_CALLS)
  assert.ok(cloudShare(step) > 0.5)
  await shoot(gateway.url, '/f', CAPACITY / 4, 12_000)
  assert.equal(cloudShare(await shoot(gateway.url, '/f', CAPACITY / 4, 2000)), 0)
})

test('money for a hundred calls is spent to the last call, and never more', async (t) => {
  const { gateway, cloud } = await startBurst(t, {
    burst: { budget: { money: 100 * PRICE } },
    waiting: { most: 0 },
  })
  const shots = await shoot(gateway.url, '/f', 3 * CAPACITY, 2000)
  assert.equal(cloud.ids.length, 100)
  assert.equal(shots.filter(({ backend }) => backend === 'cloud').length, 100)
  assert.ok(shots.some(({ status }) => status === 503))
  const { burst } = await readStatus(gateway)
  const own = burst.find(({ functionName }) => functionName === 'f')
  assert.ok(Math.abs(own!.spent - 100 * PRICE) < 1e-9, `${own!.spent}`)
})

test('a budget of nothing is no burst at all, also when home is down', async (t) => {
  const { gateway, home, cloud } = await startBurst(t, { burst: { budget: { money: 0 } } })
  await shoot(gateway.url, '/f', 3 * CAPACITY, 1000)
  home.kill()
  const shots = await shoot(gateway.url, '/f', 100, 500)
  assert.equal(cloud.ids.length, 0)
  assert.ok(shots.every(({ status }) => status === 502 || status === 503))
})
