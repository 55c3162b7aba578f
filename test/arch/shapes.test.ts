import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { LANE_NAMES, type LaneName } from '../../gateway/contract/lane.ts'
import type { ActiveCall } from '../../gateway/invocation/active-call.ts'
import { startUpstream } from '../e2e/upstream.ts'
import { openPipeline, spyPlugin } from '../gateway/pipeline.ts'

setFlagsFromString('--allow-natives-syntax')
const sameShape = runInNewContext('(a, b) => %HaveSameMap(a, b)') as (a: object, b: object) => boolean

/** Calls on every path through the pipeline, as the log phase of a plugin saw them. */
async function callsOfEveryKind(
  t: { after(end: () => unknown): void },
  lane: LaneName,
): Promise<ActiveCall[]> {
  const calls: ActiveCall[] = []
  const seen = spyPlugin('spy', { log: (call) => void calls.push(call as ActiveCall) })
  const upstream = await startUpstream(t, ({ target }, response) => {
    if (target.includes('hang')) return
    if (target.includes('reset')) return void response.destroy()
    response.setHeader('x-many', ['1', '2'])
    response.end(target.includes('large') ? Buffer.alloc(300_000) : 'small')
  })
  const plugins = { spy: {} }
  const pipeline = await openPipeline(
    {
      identity: { development: true },
      backends: { b: { driver: 'http', url: upstream.url } },
      functions: { f: { deployments: ['b'], timeout: '200ms' } },
      routes: [
        { path: '/open/*', function: 'f', auth: 'none', plugins },
        { path: '/secured/*', function: 'f', plugins },
        { path: '/written/:id', function: 'f', auth: 'none', rewrite: '/:id', plugins },
      ],
    },
    seen,
    lane,
  )
  t.after(() => pipeline.close())
  const at = (path: string, init?: RequestInit) =>
    fetch(`${pipeline.url}${path}`, init).then((r) => r.arrayBuffer())
  for (let i = 0; i < 3; i++) {
    await at('/open/small')
    await at('/open/large?with=query')
    await at('/open/body', { method: 'POST', body: 'small body' })
    await at('/open/body', { method: 'POST', body: 'x'.repeat(100_000) })
    await at('/open/timing', {
      headers: { 'dispatch-timing': '1', 'idempotency-key': 'a', 'dispatch-hint': 'burst=?0' },
    })
    await at('/secured/no-token')
    await at('/secured/bad-token', { headers: { authorization: 'Bearer x.y.z' } })
    await at('/written/a%20b')
    await at('/open/reset', { method: 'POST', body: 'x' })
    await at('/open/reset')
    await at('/open/hang')
  }
  const leaver = net.connect(pipeline.port, '127.0.0.1', () => {
    leaver.write('GET /open/hang-and-leave HTTP/1.1\r\nHost: x\r\n\r\n')
    setTimeout(() => leaver.destroy(), 50)
  })
  const deadline = Date.now() + 5000
  while (calls.length < 34 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(calls.length, 34)
  return calls
}

/** The hot-path objects of a call; each must have one shape over all calls that have it. */
const OBJECTS: Record<string, (call: ActiveCall) => object | null | undefined> = {
  ActiveCall: (call) => call,
  HeaderList: (call) => call.requestHeaders,
  Exchange: (call) => call.exchange,
  Attempt: (call) => call.attempt,
  Flow: (call) => call.attempt?.flow,
  Route: (call) => call.route,
  Deployment: (call) => call.attempt?.deployment,
}

for (const lane of LANE_NAMES)
  test(`objects of the hot path keep one shape whatever happens to a call on the ${lane} lane`, async (t) => {
    const calls = await callsOfEveryKind(t, lane)
    assert.deepEqual(
      new Set(calls.map(({ outcome }) => outcome)),
      new Set(['answered', 'rejected', 'reset', 'timeout', 'aborted']),
    )
    for (const [name, pick] of Object.entries(OBJECTS)) {
      const objects = calls.map(pick).filter((object) => object != null)
      const first = objects[0]!
      const odd = objects.findIndex((object) => !sameShape(first, object))
      assert.equal(odd, -1, `${name} of call ${odd} has another shape than that of the first call`)
    }
  })
