import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTestGateway } from './gateway.ts'
import { startUpstream } from './upstream.ts'

/** Plain JavaScript that imports nothing: what somebody writes who only has the gateway, not its code. */
const PLUGIN = `
export const plugin = {
  name: 'quiet-hours',
  status: 'stable',
  description: 'Refuses calls of clients that do not say what time they have.',
  options: {
    type: 'object',
    required: [],
    properties: {
      header: { type: 'string', default: 'x-local-hour', description: 'Header with the hour of the client.' },
    },
  },
  create({ header }, host) {
    const missing = host.reject('GW_BAD_HEADER', 'Send ' + header + '.')
    const calls = host.shared('calls', 1)
    return {
      access: (call) => (call.header(header) === null ? missing : undefined),
      headerFilter: (_call, _status, headers) => headers.set('x-calls', String(Atomics.add(calls, 0, 1) + 1)),
    }
  },
}
`

const DRIVER = `
export const driver = {
  kind: 'by-header',
  status: 'beta',
  description: 'One server for all functions; a header tells it which.',
  options: {
    type: 'object',
    required: ['url'],
    properties: { url: { type: 'string', description: 'Where the server is.' } },
  },
  capabilities: { streaming: true, rawHttp: true },
  invoker({ url }, host) {
    const transport = host.transport()
    return {
      invoke(invocation, sink) {
        invocation.headers.set('x-function', invocation.deployment.name)
        const { method, path, body, bodyLength, headers } = invocation
        transport.send({ origin: new URL(url).origin, method, path, headers: headers.flat, body, bodyLength }, sink)
      },
      close: () => transport.close(),
    }
  },
}
`

test('a plugin and a driver from outside work like the built-in ones, on every thread', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-outside-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'plugin.mjs'), PLUGIN)
  await writeFile(join(folder, 'driver.mjs'), DRIVER)
  const upstream = await startUpstream(t)
  const gateway = await startTestGateway(t, {
    gateway: { threads: 2 },
    plugins: [join(folder, 'plugin.mjs')],
    drivers: [join(folder, 'driver.mjs')],
    backends: { b: { driver: 'by-header', url: upstream.url } },
    functions: { f: { deployments: [{ backend: 'b', name: 'there' }] } },
    routes: [{ path: '/f', function: 'f', auth: 'none', plugins: { 'quiet-hours': {} } }],
  })
  const counts = new Set<string | null>()
  for (let i = 0; i < 12; i++) {
    const response = await fetch(`${gateway.url}/f`, {
      headers: { 'x-local-hour': '3', connection: 'close' },
    })
    assert.equal(response.status, 200)
    counts.add(response.headers.get('x-calls'))
  }
  assert.equal(counts.size, 12, 'the shared counter is one for all threads')
  assert.equal(upstream.seen[0]?.headers['x-function'], 'there')
  const refused = await fetch(`${gateway.url}/f`)
  assert.equal(refused.status, 400)
  assert.match(await refused.text(), /Send x-local-hour\./)
})
