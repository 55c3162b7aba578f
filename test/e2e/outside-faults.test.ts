import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { call, openCall, type Seen } from './call.ts'
import { fileCleanup } from './file-cleanup.ts'
import { startTestGateway, type TestGateway } from './gateway.ts'
import { readMetrics, slotsTaken, until } from './observe.ts'
import { startUpstream, type Upstream } from './upstream.ts'

/** L17 of the checklist: drivers and plugins from outside that go wrong in every way they can. */
let gateway: TestGateway
let upstream: Upstream
const cleanup = fileCleanup()

before(async () => {
  upstream = await startUpstream(cleanup)
  gateway = await startTestGateway(cleanup, {
    plugins: [outside('trouble-plugin')],
    drivers: [outside('trouble-driver')],
    backends: { http: { driver: 'http', url: upstream.url }, odd: { driver: 'trouble' } },
    functions: {
      good: { deployments: ['http'] },
      odd: { deployments: ['odd'], timeout: '5s' },
      brief: { deployments: ['odd'], timeout: '300ms' },
      spare: { deployments: ['odd', 'http'] },
    },
    routes: [
      { path: '/plugin', function: 'good', auth: 'none', plugins: { trouble: {} } },
      { path: '/driver', function: 'odd', auth: 'none' },
      { path: '/brief', function: 'brief', auth: 'none' },
      { path: '/spare', function: 'spare', auth: 'none' },
    ],
  })
})

for (const [how, status, code, unheard] of [
  ['throw-before-start', 502, 'GW_BACKEND_FAILED', 0],
  ['throw', 502, 'GW_BACKEND_FAILED', 0],
  ['reject', 502, 'GW_BACKEND_FAILED', 0],
  ['reject-unheard', 502, 'GW_BACKEND_FAILED', 1],
  ['later', 502, 'GW_BACKEND_FAILED', 1],
  ['end-without-head', 502, 'GW_BACKEND_MALFORMED', 0],
  ['head-bad-status', 502, 'GW_BACKEND_MALFORMED', 0],
  ['head-bad-header', 502, 'GW_BACKEND_MALFORMED', 0],
  ['twice', 200, undefined, 0],
] as const) {
  test(`L17 a driver in trouble (${how}): its caller gets ${status} at once, the gateway serves on`, async () => {
    const before = await faults()
    const start = performance.now()
    const answer = await call(gateway.port, 'POST', '/driver', { headers: [`X-Trouble: ${how}`] })
    assert.ok(performance.now() - start < 2000, 'not only at the deadline')
    assert.equal(answer.status, status)
    assert.equal(answer.code, code)
    if (status === 200) assert.equal(answer.body, 'fine')
    else assertTellsNothing(answer)
    assert.equal((await faults()) - before, unheard)
    await assertServes()
  })
}

for (const [how, unheard] of [
  ['later-after-head', 1],
  ['too-long', 0],
  ['too-short', 0],
  ['not-a-buffer', 0],
  ['flow-pause', 0],
] as const) {
  test(`L17 a driver in trouble after its head (${how}): the client's connection is cut, the gateway serves on`, async () => {
    const before = await faults()
    const wire = openCall(gateway.port, 'POST', '/driver', { headers: [`X-Trouble: ${how}`] })
    await wire.until(1, 2000)
    assert.ok(wire.closed)
    assert.deepEqual(wire.answers, [])
    assert.equal((await faults()) - before, unheard)
    await assertServes()
  })
}

test('a driver that never answers is given up at the deadline', async () => {
  const answer = await call(gateway.port, 'POST', '/brief', { headers: ['X-Trouble: silent'] })
  assert.equal(answer.status, 504)
  await assertServes()
})

test('a driver that cannot stop its call: the client may leave, and the slot is free', async () => {
  const wire = openCall(gateway.port, 'POST', '/driver', { headers: ['X-Trouble: flow-abort'] })
  await until(async () => (await slotsTaken(gateway)) === 1, 'the driver has the call')
  wire.destroy()
  await until(async () => (await slotsTaken(gateway)) === 0, 'the slot is free')
  await assertServes()
})

test('a GET whose driver goes wrong is tried on another backend', async () => {
  for (let i = 0; i < 6; i++) {
    const answer = await call(gateway.port, 'GET', '/spare', { headers: ['X-Trouble: later'] })
    assert.equal(answer.status, 200)
  }
})

for (const [phase, how, status, unheard] of [
  ['precheck', 'throw', 500, 0],
  ['precheck', 'reject', 500, 0],
  ['precheck', 'nonsense', 500, 0],
  ['access', 'throw', 500, 0],
  ['access', 'reject', 500, 0],
  ['access', 'nonsense', 500, 0],
  ['access', 'bad-reply', 500, 0],
  ['access', 'bad-reply-header', 500, 0],
  ['access', 'later', 200, 1],
  ['headerFilter', 'throw', 200, 0],
  ['headerFilter', 'reject', 200, 1],
  ['headerFilter', 'bad-header', 500, 0],
  ['log', 'throw', 200, 0],
  ['log', 'reject', 200, 1],
  ['log', 'later', 200, 1],
] as const) {
  test(`L17 a plugin in trouble (${phase}: ${how}): its caller gets ${status}, the gateway serves on`, async () => {
    const before = await faults()
    const seen = upstream.seen.length
    const answer = await call(gateway.port, 'GET', '/plugin', { headers: [`X-Trouble: ${phase}:${how}`] })
    assert.equal(answer.status, status)
    assert.ok(!answer.headers.has('x-injected'))
    if (status === 500) {
      assert.equal(answer.code, 'GW_INTERNAL')
      assertTellsNothing(answer)
    }
    if (phase === 'precheck' || (phase === 'access' && status === 500))
      assert.equal(upstream.seen.length, seen, 'a call passed a check that is broken')
    await until(async () => (await faults()) - before === unheard, `${unheard} errors reached nobody`)
    await assertServes()
  })
}

test('a plugin that falsifies the length of an answer: the client does not take it for whole', async () => {
  const wire = openCall(gateway.port, 'GET', '/plugin', { headers: ['X-Trouble: headerFilter:bad-length'] })
  await wire.until(2, 2000)
  assert.ok(wire.closed)
  assert.ok(!wire.received.includes('hello', 0, 'latin1'))
  await assertServes()
})

function outside(name: string): string {
  return new URL(`outside/${name}.ts`, import.meta.url).pathname
}

/** Errors that nobody handled, over all threads. */
async function faults(): Promise<number> {
  return (await readMetrics(gateway)).value('dispatch_unhandled_rejections_total', {})!
}

/** No word of the fault itself reaches a client. */
function assertTellsNothing({ body }: Seen): void {
  assert.ok(!/trouble|at \w+ \(|\.ts/.test(body), body)
}

async function assertServes(): Promise<void> {
  assert.equal((await call(gateway.port, 'GET', '/plugin')).body, 'hello')
  assert.equal((await call(gateway.port, 'GET', '/driver')).body, 'fine')
  await until(async () => (await slotsTaken(gateway)) === 0, 'all slots are given back')
}
