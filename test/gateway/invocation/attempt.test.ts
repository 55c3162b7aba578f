import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { until } from '../../e2e/observe.ts'
import { startSocketFunction } from '../../e2e/websocket-sides.ts'
import { openPipeline, spyPlugin } from '../pipeline.ts'

test('how long a WebSocket was open does not count as the time that calls take', async (t) => {
  const fn = await startSocketFunction(t)
  const pipeline = await openPipeline(
    {
      backends: { b: { driver: 'http', url: fn.url } },
      functions: { f: { deployments: ['b'] } },
      routes: [{ path: '/*', function: 'f', auth: 'none', upgrade: 'websocket' }],
    },
    spyPlugin('idle', {}),
  )
  t.after(() => pipeline.close())
  const { load, deployments } = pipeline.snapshot.functions.get('default/f')!
  const { status } = await fetch(pipeline.url)
  assert.equal(status, 426)
  const before = load.heldMs
  assert.ok(before > 0)
  const socket = new WebSocket(pipeline.url.replace('http', 'ws'))
  await once(socket, 'open')
  assert.equal(deployments[0]!.slot.inFlight, 1)
  socket.close()
  await until(() => deployments[0]!.slot.inFlight === 0, 'its slot is given back')
  assert.equal(load.heldMs, before)
})
