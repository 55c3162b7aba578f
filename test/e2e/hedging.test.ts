import assert from 'node:assert/strict'
import { test } from 'node:test'
import { call } from './call.ts'
import { type FixedPlatform, startFixedPlatform } from './fixed-platform.ts'
import { type Cleanup, startTestGateway, type TestGateway } from './gateway.ts'
import { readMetrics, readStatus } from './observe.ts'

/** Two platforms, the near one slower than any patience: only what the gateway sends to the far one comes soon. */
async function startTwo(
  t: Cleanup,
  fn: Record<string, unknown>,
  nearMs = 5000,
): Promise<{ gateway: TestGateway; near: FixedPlatform; far: FixedPlatform }> {
  const near = await startFixedPlatform(t, nearMs)
  const far = await startFixedPlatform(t, 5)
  const gateway = await startTestGateway(t, {
    placement: { zone: 'here/a' },
    backends: {
      near: { driver: 'http', url: near.url, zone: 'here/a' },
      far: { driver: 'http', url: far.url, zone: 'there/a' },
    },
    functions: { f: { deployments: ['near', 'far'], ...fn } },
    routes: [{ path: '/f', function: 'f', auth: 'none' }],
  })
  return { gateway, near, far }
}

const ALWAYS = { hedge: { after: '50ms', extraLoad: 100 } }

test('a slow call is sent to a second deployment too, whose answer counts, and the first is cut', async (t) => {
  const { gateway, near, far } = await startTwo(t, ALWAYS)
  const begin = performance.now()
  assert.equal((await call(gateway.port, 'GET', '/f')).status, 200)
  assert.ok(performance.now() - begin < 3000)
  assert.deepEqual([near.ids.length, far.ids.length], [1, 1])
  assert.deepEqual(near.ids, far.ids, 'the same call')
  while (near.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  const { samples } = await readMetrics(gateway)
  for (const counter of ['dispatch_hedges_total', 'dispatch_hedges_won_total']) {
    const ours = samples.filter(({ name }) => name === counter)
    assert.equal(
      ours.reduce((sum, { value }) => sum + value, 0),
      1,
      counter,
    )
  }
  const { deployments } = await readStatus(gateway)
  assert.deepEqual(
    deployments.map(({ inFlight, healthy }) => [inFlight, healthy]),
    [
      [0, true],
      [0, true],
    ],
  )
})

test('a call with effects is never sent twice', async (t) => {
  const { gateway, near, far } = await startTwo(t, ALWAYS, 300)
  assert.equal((await call(gateway.port, 'POST', '/f')).status, 200)
  assert.deepEqual([near.ids.length, far.ids.length], [1, 0])
})

test('a call with effects is sent twice where its function says that it is safe', async (t) => {
  const { gateway, near, far } = await startTwo(t, { ...ALWAYS, idempotent: true })
  assert.equal((await call(gateway.port, 'POST', '/f')).status, 200)
  assert.deepEqual([near.ids.length, far.ids.length], [1, 1])
})

test('no more calls are sent twice than the extra load allows', async (t) => {
  const { gateway, near, far } = await startTwo(
    t,
    { hedge: { after: '20ms', extraLoad: 10 }, locality: 'nearest' },
    60,
  )
  for (let i = 0; i < 40; i++) assert.equal((await call(gateway.port, 'GET', '/f')).status, 200)
  // One in store, and one for each ten calls.
  assert.ok(far.ids.length >= 3 && far.ids.length <= 5, `${far.ids.length} of ${near.ids.length}`)
})

test('when the second one fails, the call goes on with the first', async (t) => {
  const { gateway, near, far } = await startTwo(t, ALWAYS, 300)
  far.fault = 'reset'
  assert.equal((await call(gateway.port, 'GET', '/f')).status, 200)
  assert.deepEqual([near.ids.length, far.ids.length], [1, 1])
})

test('when the first one fails, the call goes on with the second', async (t) => {
  const { gateway, near, far } = await startTwo(t, ALWAYS)
  far.serviceMs = 300
  setTimeout(() => near.kill(), 150)
  assert.equal((await call(gateway.port, 'GET', '/f')).status, 200)
  assert.deepEqual([near.ids.length, far.ids.length], [1, 1])
})
