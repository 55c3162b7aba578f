import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActiveCall } from '../../../gateway/invocation/active-call.ts'
import { Hint } from '../../../gateway/placement/hint.ts'
import { message } from '../../e2e/edge.ts'
import { startUpstream } from '../../e2e/upstream.ts'
import { Wire } from '../../e2e/wire.ts'
import { openPipeline, spyPlugin } from '../pipeline.ts'

/** Reads a call with the given header lines. @returns The call, or the refusal's `dispatch-error`. */
async function callWith(
  t: { after(end: () => unknown): void },
  trustedProxies: string[],
  ...lines: string[]
): Promise<ActiveCall> {
  const calls: ActiveCall[] = []
  const upstream = await startUpstream(t, (_request, response) => response.end())
  const spy = spyPlugin('spy', { access: (call) => void calls.push(call as ActiveCall) })
  const pipeline = await openPipeline(
    {
      gateway: { trustedProxies },
      placement: { zone: 'eu-west/a', distances: [{ between: ['eu-west', 'eu-north/b'], distance: 10 }] },
      backends: { b: { driver: 'http', url: upstream.url, zone: 'eu-west/a' } },
      functions: { f: { deployments: ['b'] } },
      routes: [{ path: '/*', function: 'f', auth: 'none', plugins: { spy: {} } }],
    },
    spy,
  )
  t.after(() => pipeline.close())
  const wire = new Wire(pipeline.port)
  wire.write(message(['GET /x HTTP/1.1', 'Host: a.test', 'Connection: close', ...lines]))
  await wire.until(1, 5000)
  assert.equal(calls.length, 1, wire.received.toString('latin1'))
  return calls[0]!
}

test('a call without such fields asks nothing of the placement', async (t) => {
  const call = await callWith(t, ['127.0.0.1'])
  assert.equal(call.hint, null)
  assert.equal(call.entryZone, null)
  assert.equal(call.wantsExplain, false)
})

test('a hint in several fields is one', async (t) => {
  const { hint } = await callWith(t, [], 'Dispatch-Hint: gpu', 'dispatch-hint: burst=?0, gpu="t4"')
  const needs = { gpu: { model: 't4', count: 1 }, arch: null, memory: null, labels: {} }
  assert.deepEqual(hint, new Hint(null, needs, false, Infinity))
})

test('an empty hint is none', async (t) => {
  assert.equal((await callWith(t, [], 'Dispatch-Hint:')).hint, null)
})

test('an explanation is asked for by 1 alone', async (t) => {
  assert.equal((await callWith(t, [], 'Dispatch-Explain: 1')).wantsExplain, true)
  assert.equal((await callWith(t, [], 'Dispatch-Explain: true')).wantsExplain, false)
})

for (const [lines, zone] of [
  [['Dispatch-Zone: eu-north/b'], 'eu-north/b'],
  [['Dispatch-Zone: eu-west/c'], 'eu-west'],
  [['Dispatch-Zone: eu-west'], 'eu-west'],
  [['Dispatch-Zone: us-east/a'], null],
  [['Dispatch-Zone: EU-WEST'], null],
  [['Dispatch-Zone: eu-west, eu-north/b'], null],
  [['Dispatch-Zone: eu-west', 'Dispatch-Zone: eu-north/b'], null],
  [['Dispatch-Zone:'], null],
] as const) {
  test(`a trusted proxy says where a call came in: ${lines.join(' and ')}`, async (t) => {
    assert.equal((await callWith(t, ['127.0.0.1'], ...lines)).entryZone, zone)
  })
}

test('nobody else is believed where a call came in', async (t) => {
  assert.equal((await callWith(t, ['10.0.0.0/8'], 'Dispatch-Zone: eu-north/b')).entryZone, null)
})
