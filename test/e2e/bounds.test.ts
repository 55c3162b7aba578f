import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTestGateway } from './gateway.ts'
import { slotsTaken, until } from './observe.ts'
import { startUpstream } from './upstream.ts'
import { Wire } from './wire.ts'

test('a connection has at most a hundred requests waiting; the rest is told to slow down', async (t) => {
  const waiting: (() => void)[] = []
  const upstream = await startUpstream(
    t,
    (_request, response) => void waiting.push(() => response.end('late')),
  )
  const gateway = await startTestGateway(t, {
    backends: { b: { driver: 'http', url: upstream.url, connections: 1000 } },
    functions: { f: { deployments: ['b'] } },
    routes: [{ path: '/f', function: 'f', auth: 'none' }],
  })
  const wire = new Wire(gateway.port)
  wire.write('GET /f HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5000))
  await until(() => waiting.length >= 100, 'a hundred requests upstream')
  assert.equal(waiting.length, 100)
  for (const answer of waiting.splice(0)) answer()
  await wire.until(101, 5000)
  assert.equal(wire.statuses.length, 101)
  assert.deepEqual(new Set(wire.statuses.slice(0, 100)), new Set([200]))
  assert.equal(wire.statuses.at(-1), 429)
  await until(async () => (await slotsTaken(gateway)) === 0, 'every slot is free')
  assert.equal(upstream.seen.length, 100)
})

test('an access step that comes to no verdict is refused when its time is over', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-never-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const never = `export const plugin = {
    name: 'never', status: 'beta', description: 'Never decides.', options: { type: 'object', properties: {} },
    create: () => ({ access: () => new Promise(() => {}) }),
  }`
  await writeFile(join(folder, 'never.mjs'), never)
  const upstream = await startUpstream(t)
  const gateway = await startTestGateway(t, {
    plugins: [join(folder, 'never.mjs')],
    backends: { b: { driver: 'http', url: upstream.url } },
    functions: { f: { deployments: ['b'], timeout: '200ms' } },
    routes: [{ path: '/f', function: 'f', auth: 'none', plugins: { never: {} } }],
  })
  const response = await fetch(`${gateway.url}/f`)
  assert.equal(response.status, 500)
  assert.equal(upstream.seen.length, 0)
})
