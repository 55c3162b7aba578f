import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { call, openCall } from './call.ts'
import { startTestGateway } from './gateway.ts'
import { readStatus, until } from './observe.ts'
import { startUpstream } from './upstream.ts'
import { Wire } from './wire.ts'

/** A function of which every second costs one, in a cloud where `/stream` never ends. */
async function start(t: TestContext, money: number, threads = 1) {
  const streams = new Set<NodeJS.Timeout>()
  t.after(() => streams.forEach(clearInterval))
  const upstream = await startUpstream(t, ({ target }, response) => {
    if (target === '/hang') return
    if (target !== '/stream') return void response.end('ok')
    response.write('begin')
    const stream = setInterval(() => response.write('more'), 20)
    streams.add(stream)
    response.on('close', () => clearInterval(stream))
  })
  const gateway = await startTestGateway(t, {
    gateway: { threads },
    backends: { cloud: { driver: 'http', url: upstream.url, burst: true, price: { second: 1 } } },
    functions: { f: { deployments: ['cloud'], timeout: '400ms', burst: { above: 0, budget: { money } } } },
    routes: [{ path: '/*', function: 'f', auth: 'none' }],
  })
  const budget = async () =>
    (await readStatus(gateway)).burst.find(({ functionName }) => functionName === 'f')!
  return { gateway, budget, upstream }
}

test('an answer that streams on is paid while the budget lasts, then cut before it costs more', async (t) => {
  const { gateway, budget } = await start(t, 2.2)
  const wire = openCall(gateway.port, 'GET', '/stream')
  await until(() => wire.closed, 'it is cut', 10_000)
  await until(async () => (await budget()).inFlight === 0, 'it is over')
  const { spent, reserved, share } = await budget()
  assert.equal(reserved, 0)
  assert.ok(spent > 0.5 && spent <= 2.2, `${spent} was spent`)
  assert.ok(share <= 1)
})

test('calls that run out of time cost their time and no more than was reserved', async (t) => {
  const { gateway, budget } = await start(t, 1.1)
  const calls = await Promise.all([1, 2, 3].map(() => call(gateway.port, 'GET', '/hang')))
  assert.deepEqual(calls.map(({ status }) => status).toSorted(), [503, 504, 504])
  const { spent, share } = await budget()
  assert.ok(spent >= 0.8 && share <= 1, `${spent} was spent`)
})

test('an upload that outlives its time is refused when the budget has no more', async (t) => {
  const { gateway, budget, upstream } = await start(t, 0.6)
  const wire = new Wire(gateway.port)
  t.after(() => wire.destroy())
  wire.write('POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n')
  const sending = setInterval(() => wire.write('4\r\nmore\r\n'), 20)
  await wire.until(1, 10_000)
  clearInterval(sending)
  assert.deepEqual(wire.statuses, [503])
  assert.equal(upstream.seen.length, 0)
  const { spent, reserved } = await budget()
  assert.equal(reserved, 0)
  assert.ok(spent > 0 && spent <= 0.6, `${spent} was spent`)
})

test('however many calls come on however many threads, no more is spent than the budget', async (t) => {
  const { gateway, budget } = await start(t, 3, 2)
  // Each takes 0.5 while it runs: six at once, and each costs a few thousandths.
  const statuses: number[] = []
  const client = async () => {
    for (let i = 0; i < 12; i++) statuses.push((await call(gateway.port, 'GET', '/')).status)
  }
  await Promise.all(Array.from({ length: 12 }, client))
  const { spent, reserved, total } = await budget()
  assert.ok(spent <= 3 && reserved === 0)
  assert.equal(statuses.filter((status) => status === 200).length, total.calls)
  assert.ok(total.calls > 12 && statuses.every((status) => status === 200 || status === 503))
})
