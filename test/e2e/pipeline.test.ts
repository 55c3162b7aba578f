import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestGateway } from './gateway.ts'
import { startUpstream } from './upstream.ts'

test('a request reaches the function and its answer the client, on every thread', async (t) => {
  const upstream = await startUpstream(t)
  const gateway = await startTestGateway(t, {
    gateway: { threads: 2 },
    backends: { b: { driver: 'http', url: upstream.url } },
    functions: { f: { deployments: ['b'] } },
    routes: [{ path: '/f/*', function: 'f', auth: 'none' }],
  })
  for (let i = 0; i < 20; i++) {
    const response = await fetch(`${gateway.url}/f/x?y=${i}`, { method: 'POST', body: 'hi' })
    assert.equal(response.status, 200)
    assert.equal(await response.text(), 'hello')
    assert.equal(upstream.seen[i]?.target, `/f/x?y=${i}`)
    assert.equal(upstream.seen[i]?.body.toString(), 'hi')
  }
})
