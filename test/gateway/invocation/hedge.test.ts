import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Call } from '../../../gateway/contract/call.ts'
import { until } from '../../e2e/observe.ts'
import { startUpstream } from '../../e2e/upstream.ts'
import { openPipeline, spyPlugin } from '../pipeline.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

test('a call that is over does not stay in memory until it would have been sent a second time', async (t) => {
  const [one, other] = [await startUpstream(t), await startUpstream(t)]
  const calls: WeakRef<Call>[] = []
  const note = (call: Call): undefined => {
    calls.push(new WeakRef(call))
    return undefined
  }
  const pipeline = await openPipeline(
    {
      defaults: { plugins: { note: {} } },
      backends: { one: { driver: 'http', url: one.url }, other: { driver: 'http', url: other.url } },
      functions: { f: { deployments: ['one', 'other'], timeout: '10m', hedge: { after: '9m' } } },
      routes: [{ path: '/*', function: 'f', auth: 'none' }],
    },
    spyPlugin('note', { access: note }),
  )
  t.after(() => pipeline.close())
  for (let i = 0; i < 20; i++) assert.equal((await fetch(pipeline.url)).status, 200)
  assert.equal(calls.length, 20)
  // The last ones may be held by their connection.
  await until(() => {
    collectGarbage()
    return calls.filter((call) => call.deref() !== undefined).length <= 5
  }, 'calls that are over are collected')
})
