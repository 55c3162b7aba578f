import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { Type } from 'typebox'
import type { DriverDefinition } from '../../../gateway/contract/driver.ts'
import type { Outcome } from '../../../gateway/contract/outcome.ts'
import { openPipeline, spyPlugin } from '../pipeline.ts'

/** A function on a platform that refuses every call so. */
async function open(t: TestContext, outcome: Outcome, retryAfterMs?: number) {
  let sent = 0
  const driver: DriverDefinition = {
    kind: 'refusing',
    status: 'experimental',
    description: 'Refuses.',
    options: Type.Object({}),
    capabilities: { streaming: true, rawHttp: true },
    invoker: () => ({
      invoke(_invocation, sink) {
        sent++
        sink.start({ pause() {}, resume() {}, abort() {} })
        sink.fail(outcome, 'refused', retryAfterMs)
      },
      close: async () => {},
    }),
  }
  const config = {
    backends: { there: { driver: 'refusing' } },
    functions: { f: { deployments: ['there'], waiting: { time: '1ms' } } },
    routes: [{ path: '/f', function: 'f', auth: 'none' }],
  }
  const pipeline = await openPipeline(config, spyPlugin('none', {}), 'standard', [driver])
  t.after(() => pipeline.close())
  const ask = async () => {
    const answer = await fetch(`${pipeline.url}/f`, { method: 'POST' })
    await answer.text()
    const seconds = Number(answer.headers.get('retry-after'))
    return { status: answer.status, code: answer.headers.get('dispatch-error'), seconds }
  }
  return { ask, sent: () => sent }
}

test('a platform that is called too fast and asks for seven seconds gets them, and clients hear of them', async (t) => {
  const { ask, sent } = await open(t, 'rate-limited', 7000)
  const first = await ask()
  assert.deepEqual([first.status, first.code], [503, 'GW_BACKEND_OVERLOADED'])
  assert.ok(first.seconds >= 7 && first.seconds <= 30, `${first.seconds}`)
  for (let i = 0; i < 5; i++) {
    const next = await ask()
    assert.deepEqual([next.status, next.code], [503, 'GW_SATURATED'])
    assert.ok(next.seconds >= 6 && next.seconds <= 30, `${next.seconds}`)
  }
  assert.equal(sent(), 1)
})

test('a platform that is full is called on: a place is free when a call ends; only clients are told', async (t) => {
  const { ask, sent } = await open(t, 'overloaded', 7000)
  for (let i = 0; i < 3; i++) {
    const answer = await ask()
    assert.deepEqual([answer.status, answer.code], [503, 'GW_BACKEND_OVERLOADED'])
    assert.ok(answer.seconds >= 7 && answer.seconds <= 30, `${answer.seconds}`)
  }
  assert.equal(sent(), 3)
})

test('a driver that says nonsense has said nothing', async (t) => {
  for (const [said, least, most] of [
    [Number.NaN, 1, 10],
    [-5, 1, 10],
    [Number.POSITIVE_INFINITY, 30, 30],
    ['soon', 1, 10],
  ] as [number, number, number][]) {
    const { ask } = await open(t, 'overloaded', said)
    const { seconds } = await ask()
    assert.ok(seconds >= least && seconds <= most, `${said}: ${seconds}`)
  }
})
