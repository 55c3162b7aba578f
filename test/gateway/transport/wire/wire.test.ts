import assert from 'node:assert/strict'
import { once } from 'node:events'
import type net from 'node:net'
import { test } from 'node:test'
import { createWireTransport } from '../../../../gateway/transport/wire/wire.ts'
import { type Collector, send } from '../../../conformance/transport/collector.ts'
import { OK, rested, serveHeads, serveSockets } from '../../../conformance/transport/servers.ts'

test('the connection that was used last is used next', async (t) => {
  const transport = createWireTransport()
  t.after(() => transport.close())
  const used: number[] = []
  const held: net.Socket[] = []
  const { origin } = await serveHeads(t, (socket, _turn, connection) => {
    used.push(connection)
    if (held.push(socket) > 3) socket.write(OK)
  })
  const sinks = [1, 2, 3].map(() => send(transport, origin))
  while (held.length < 3) await rested()
  for (const i of [2, 0, 1]) {
    held[i]!.write(OK)
    await sinks[i]!.over
  }
  const last = used[1]
  for (let i = 0; i < 5; i++) {
    await rested()
    await send(transport, origin).over
  }
  assert.deepEqual(used.slice(3), [last, last, last, last, last])
})

test('head and small body leave in one piece', async (t) => {
  const transport = createWireTransport()
  t.after(() => transport.close())
  const pieces: string[] = []
  const { origin } = await serveSockets(t, (socket) => {
    socket.on('data', (bytes) => {
      pieces.push(bytes.toString('latin1'))
      socket.write(OK)
    })
  })
  await send(transport, origin, { method: 'POST', body: Buffer.from('b\xe9dy', 'latin1') }).over
  assert.equal(pieces.length, 1)
  assert.match(pieces[0]!, /\r\ncontent-length: 4\r\n\r\nb\xe9dy$/)
})

test('a call whose kept connection breaks before it was written takes another, whatever its method', async (t) => {
  const transport = createWireTransport()
  t.after(() => transport.close())
  const server = await serveHeads(t, (socket) => void socket.write(OK))
  for (let i = 0; i < 10; i++) {
    await send(transport, server.origin).over
    await rested()
    const [kept] = [...server.open] as [net.Socket]
    const gone = once(kept, 'close')
    kept.destroy()
    // Within one turn of the loop: the end has arrived, but nobody has read it.
    const until = performance.now() + 3
    while (performance.now() < until);
    const sink = send(transport, server.origin, { method: 'POST', body: Buffer.from('pay') })
    await sink.over
    assert.equal(sink.outcome, 'answered', sink.detail)
    await gone
  }
})

test('a streamed body starts with the head, before any of it is there', async (t) => {
  const transport = createWireTransport()
  t.after(() => transport.close())
  const heard = Promise.withResolvers<string>()
  const { origin } = await serveSockets(t, (socket) => {
    socket.once('data', (bytes) => heard.resolve(bytes.toString('latin1')))
  })
  const { PassThrough } = await import('node:stream')
  const sink = send(transport, origin, { method: 'POST', body: new PassThrough() })
  assert.match(await heard.promise, /\r\ntransfer-encoding: chunked\r\n\r\n$/)
  sink.flow?.abort()
})

test('a connection that breaks within an answer that ends with it is a reset', async (t) => {
  const transport = createWireTransport()
  t.after(() => transport.close())
  const server = await serveSockets(t, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\npart')
      setTimeout(() => socket.resetAndDestroy(), 10)
    })
  })
  const cut = send(transport, server.origin)
  await cut.over
  assert.equal(cut.outcome, 'reset')
})

test('a sink that throws hears that its driver is broken, and others are served', async (t) => {
  const transport = createWireTransport()
  t.after(() => transport.close())
  const server = await serveHeads(t, (socket) => void socket.write(OK))
  for (const event of ['head', 'data', 'end'] as const) {
    const sink = send(transport, server.origin)
    sink[event] = () => {
      throw new Error('a driver that is broken')
    }
    await sink.over
    assert.equal(sink.outcome, 'driver-error')
    assert.equal((await overOf(send(transport, server.origin))).body, 'ok')
  }
})

test('a transport that is closed opens no connection, to a new origin neither', async (t) => {
  const transport = createWireTransport()
  await transport.close()
  const server = await serveHeads(t, (socket) => void socket.write(OK))
  assert.equal((await overOf(send(transport, server.origin))).outcome, 'unreachable')
  assert.equal(server.connections, 0)
})

async function overOf(sink: Collector): Promise<Collector> {
  await sink.over
  return sink
}
