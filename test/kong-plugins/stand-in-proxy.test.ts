import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { request } from 'undici'
import { StandIn } from './stand-in/kong.ts'

let kong: StandIn
const upstream = http.createServer((_, response) => response.end('from behind'))

before(async () => {
  await once(upstream.listen(0, '127.0.0.1'), 'listening')
  kong = await StandIn.open({ proxyDelayMs: 150 })
})
after(async () => {
  await kong.close()
  upstream.closeAllConnections()
  upstream.close()
})

async function put(path: string, body: object, method: 'PUT' | 'POST' = 'PUT'): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const { statusCode, body: answer } = await request(kong.url + path, {
    method,
    headers,
    body: JSON.stringify(body),
  })
  assert.ok(statusCode < 300, await answer.text())
}

async function call(path: string) {
  const { statusCode, body } = await request(kong.proxyUrl + path, { headers: { host: 'api.example.com' } })
  return { status: statusCode, text: await body.text() }
}

test('a route is live a while after the Admin API took it, and then leads to the target', async () => {
  await put('/upstreams/up', {})
  await put(
    '/upstreams/up/targets',
    { target: `127.0.0.1:${(upstream.address() as AddressInfo).port}` },
    'POST',
  )
  await put('/services/s', { host: 'up' })
  await put('/services/s/routes/r', { paths: ['~/a/[^/]+$'], hosts: ['api.example.com'] })
  await put('/services/s/routes/https', {
    paths: ['/tls'],
    protocols: ['https'],
    https_redirect_status_code: 308,
  })
  assert.match((await call('/a/b')).text, /no Route matched/)
  const deadline = Date.now() + 10_000
  let live = await call('/a/b')
  while (live.status === 404 && Date.now() < deadline) live = await call('/a/b')
  assert.deepEqual(live, { status: 200, text: 'from behind' })
  assert.equal((await call('/a/b/c')).status, 404)
  assert.equal((await call('/tls')).status, 308)
})
