import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { call } from './call.ts'
import { startTestGateway, type TestGateway } from './gateway.ts'
import { readMetrics, readStatus } from './observe.ts'
import { startUpstream } from './upstream.ts'

const PROBE = { every: '100ms', timeout: '1s' }

/** A gateway with two backends, and what each says of its health. */
async function probedGateway(
  t: TestContext,
): Promise<{ gateway: TestGateway; healthy: { a: boolean; b: boolean } }> {
  const healthy = { a: true, b: true }
  const backend = (name: 'a' | 'b') =>
    startUpstream(t, ({ target }, response) => {
      if (target === '/healthz' && !healthy[name]) response.statusCode = 503
      response.end(name)
    })
  const [a, b] = await Promise.all([backend('a'), backend('b')])
  const gateway = await startTestGateway(t, {
    gateway: { threads: 2 },
    backends: {
      a: { driver: 'http', url: a.url, health: '/healthz', probe: PROBE },
      b: { driver: 'http', url: b.url, health: '/healthz', probe: PROBE },
    },
    functions: { f: { deployments: ['a', 'b'] } },
    routes: [{ path: '/f', function: 'f', auth: 'none' }],
  })
  return { gateway, healthy }
}

async function untilState(gateway: TestGateway, backend: string, state: string): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const { deployments } = await readStatus(gateway)
    if (deployments.some((one) => one.backend === backend && one.state === state)) return
    if (Date.now() > deadline) assert.fail(`${backend} is not ${state}: ${JSON.stringify(deployments)}`)
    await pause(20)
  }
}

/** Which backends answer; every call has to be served. */
async function answersOf({ port }: TestGateway, calls: number): Promise<Set<string>> {
  const answers = new Set<string>()
  for (let i = 0; i < calls; i++) {
    const { status, body } = await call(port, 'GET', '/f')
    assert.equal(status, 200)
    answers.add(body)
  }
  return answers
}

test('calls avoid a backend whose probes fail, on every thread, and come back to it', async (t) => {
  const { gateway, healthy } = await probedGateway(t)
  healthy.a = false
  await untilState(gateway, 'a', 'not-ready')
  assert.deepEqual(await answersOf(gateway, 40), new Set(['b']))
  const metrics = await readMetrics(gateway)
  assert.equal(metrics.value('dispatch_backend_ready', { backend: 'a' }), 0)
  assert.equal(metrics.value('dispatch_backend_ready', { backend: 'b' }), 1)
  Object.assign(healthy, { a: true, b: false })
  await untilState(gateway, 'a', 'recovering')
  await untilState(gateway, 'b', 'not-ready')
  assert.deepEqual(await answersOf(gateway, 40), new Set(['a']))
})

test('when no backend is ready calls go there all the same', async (t) => {
  const { gateway, healthy } = await probedGateway(t)
  Object.assign(healthy, { a: false, b: false })
  await untilState(gateway, 'a', 'not-ready')
  await untilState(gateway, 'b', 'not-ready')
  await answersOf(gateway, 20)
})
