import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { fastifyHttpProxy } from '@fastify/http-proxy'
import Fastify from 'fastify'
import { WebSocket } from 'ws'
import { until } from '../../../e2e/observe.ts'
import { startRawUpstream } from '../../../e2e/upstream.ts'
import { handshake, openSocket, startSocketFunction } from '../../../e2e/websocket-sides.ts'
import { Wire } from '../../../e2e/wire.ts'

/**
 * What @fastify/http-proxy does with WebSockets by itself, and the lane must not. When one of these fails, that has
 * changed, and what is done about it in gateway/lanes/standard/web-socket/ can go.
 */
async function startProxy(t: TestContext, upstream: string): Promise<number> {
  const app = Fastify({ logger: false, forceCloseConnections: true })
  app.register(fastifyHttpProxy, { upstream, websocket: true })
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.after(() => void app.close())
  return (app.server.address() as AddressInfo).port
}

test('by itself it says 101 before the function has been asked', async (t) => {
  const upstream = await startRawUpstream(t, () => {})
  const port = await startProxy(t, upstream.url)
  const client = new WebSocket(`ws://127.0.0.1:${port}/`)
  t.after(() => client.terminate())
  await once(client, 'open')
})

test('by itself it chooses the first subprotocol, whatever the function would', async (t) => {
  const fn = await startSocketFunction(t, {
    handleProtocols: (offered) => (offered.has('second') ? 'second' : false),
  })
  const port = await startProxy(t, fn.url)
  const client = new WebSocket(`ws://127.0.0.1:${port}/`, ['first', 'second'])
  client.on('error', () => {})
  await once(client, 'open')
  assert.equal(client.protocol, 'first')
})

test('by itself it makes 4005 of a close without a code, and 4006 of a broken connection', async (t) => {
  const fn = await startSocketFunction(t)
  const port = await startProxy(t, fn.url)
  const first = await openSocket(t, port)
  await fn.opened()
  fn.sides[0]!.socket.close()
  assert.equal((await first.end())[0], 4005)
  const second = await openSocket(t, port)
  ;(await fn.opened(1)).connection.resetAndDestroy()
  assert.equal((await second.end())[0], 4006)
})

test('by itself it tells the client the address of a function that cannot be reached', async (t) => {
  const port = await startProxy(t, 'http://127.0.0.1:1')
  const client = await openSocket(t, port)
  assert.match((await client.end())[1], /127\.0\.0\.1:1/)
})

test('by itself it keeps whatever a function that does not read is sent', async (t) => {
  const fn = await startSocketFunction(t, { answers: false })
  const port = await startProxy(t, fn.url)
  const client = await openSocket(t, port)
  const { connection } = await fn.opened()
  connection.pause()
  const message = Buffer.alloc(100_000)
  let taken = 0
  for (let i = 0; i < 1000; i++) {
    client.socket.send(message, () => {
      taken += message.length
    })
  }
  // Far more than sockets hold.
  await until(() => taken >= 90_000_000, 'all of it is taken', 15_000)
})

test('by itself it leaves the function connected when the client goes before it agrees', async (t) => {
  let open = 0
  const upstream = await startRawUpstream(t, (socket) => {
    open++
    socket.on('close', () => open--)
  })
  const port = await startProxy(t, upstream.url)
  const wire = new Wire(port)
  wire.write(handshake('/'))
  await until(() => open === 1, 'the function is asked')
  wire.destroy()
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.equal(open, 1)
})
