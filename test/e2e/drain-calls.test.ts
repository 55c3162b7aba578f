import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test } from 'node:test'
import { openCall } from './call.ts'
import type { ChildGateway } from './child-gateway.ts'
import { isRefused, REQUEST, startDraining } from './draining-gateway.ts'
import { until } from './observe.ts'
import { OK, type RawBackend } from './raw-backend.ts'
import { Wire } from './wire.ts'

// Group H of the checklist: what becomes of calls that run when the gateway is told to stop.

test('H01 an upload that is on its way is finished', async (t) => {
  const { gateway, backend } = await startDraining(t, { drain: { grace: '10s' } })
  const wire = new Wire(gateway.port)
  wire.write('POST / HTTP/1.1\r\nHost: own.test\r\nContent-Length: 200000\r\n\r\n')
  wire.write('x'.repeat(100_000))
  await until(() => backend.heads === 1, 'the upload has begun')
  gateway.process.kill('SIGTERM')
  await until(() => isRefused(gateway.port), 'new connections are refused')
  wire.write('x'.repeat(100_000))
  await wire.until(1, 3000)
  assert.equal(wire.answers[0]?.status, 200)
  assert.equal(backend.requests[0]?.body.length, 200_000)
  assert.equal(await gateway.exited, 0)
})

test('H02 calls that take longer than the grace are cut with 503, and the exit code says so', async (t) => {
  const { gateway, backend } = await startDraining(t, { drain: { grace: '700ms' } })
  backend.answer = () => {}
  const wires = [openCall(gateway.port, 'GET', '/'), openCall(gateway.port, 'POST', '/', { body: 'x' })]
  const upload = new Wire(gateway.port)
  upload.write(`POST / HTTP/1.1\r\nHost: own.test\r\nContent-Length: 900000\r\n\r\n${'x'.repeat(100_000)}`)
  await until(() => backend.heads === 3, 'three calls are running')
  const since = performance.now()
  gateway.process.kill('SIGTERM')
  await Promise.all([...wires, upload].map((wire) => wire.until(1, 5000)))
  for (const { answers } of [...wires, upload]) {
    assert.equal(answers[0]?.status, 503)
    assert.deepEqual(answers[0]?.headers.get('dispatch-error'), ['GW_DRAINING'])
    assert.deepEqual(answers[0]?.headers.get('connection'), ['close'])
  }
  assert.equal(await gateway.exited, 1)
  const took = performance.now() - since
  assert.ok(took > 690 && took < 5000, `after ${took} ms`)
  await until(() => backend.open.size === 0, 'the calls upstream are cut')
})

test('H03 an idle connection is ended without a reset; one that brings a request is answered and told to close', async (t) => {
  const { gateway } = await startDraining(t, { drain: { grace: '10s' } })
  const idle = net.connect(gateway.port, '127.0.0.1')
  const late = new Wire(gateway.port)
  const fresh = net.connect(gateway.port, '127.0.0.1')
  await once(fresh, 'connect')
  idle.write(REQUEST)
  late.write(REQUEST)
  await Promise.all([once(idle, 'data'), late.until(1, 3000)])
  const errors: Error[] = []
  for (const socket of [idle, fresh]) socket.on('error', (error) => errors.push(error))
  const ended = Promise.all([once(idle, 'end'), once(fresh, 'end')])
  gateway.process.kill('SIGTERM')
  await until(() => isRefused(gateway.port), 'new connections are refused')
  // As Kong would: it took the connection from its pool just before it learned anything.
  late.write(REQUEST)
  await late.until(2, 3000)
  assert.equal(late.answers[1]?.status, 200)
  assert.deepEqual(late.answers[1]?.headers.get('connection'), ['close'])
  fresh.resume()
  await ended
  assert.deepEqual(errors, [])
  assert.equal(await gateway.exited, 0)
})

test('H03 of requests that a client sent at once the last answer alone says close', async (t) => {
  const { gateway, backend } = await startDraining(t, { drain: { grace: '10s' } })
  backend.answer = () => {}
  const wire = new Wire(gateway.port)
  wire.write(REQUEST.repeat(3))
  await until(() => backend.requests.length === 3, 'three calls are running')
  gateway.process.kill('SIGTERM')
  await until(() => isRefused(gateway.port), 'new connections are refused')
  for (const { socket } of backend.requests) socket.write(OK)
  await wire.until(3, 3000)
  assert.deepEqual(
    wire.answers.map(({ status, headers }) => [status, headers.get('connection')?.[0]]),
    [
      [200, 'keep-alive'],
      [200, 'keep-alive'],
      [200, 'close'],
    ],
  )
  assert.equal(await gateway.exited, 0)
})

test('H05 a stream of events that ends in time ends cleanly', async (t) => {
  const { gateway, backend } = await startDraining(t, { drain: { grace: '10s' } })
  const stream = await openEvents(gateway, backend)
  gateway.process.kill('SIGTERM')
  await until(() => isRefused(gateway.port), 'new connections are refused')
  backend.requests[0]!.socket.write('5\r\nlast\n\r\n0\r\n\r\n')
  await stream.until(1, 3000)
  assert.equal(stream.answers[0]?.body.toString(), 'first\nlast\n')
  assert.equal(await gateway.exited, 0)
})

test('H05 a stream of events without end is cut when the grace is over, not ended as if it were whole', async (t) => {
  const { gateway, backend } = await startDraining(t, { drain: { grace: '700ms' } })
  const stream = await openEvents(gateway, backend)
  gateway.process.kill('SIGTERM')
  await stream.until(1, 5000)
  assert.ok(stream.closed)
  assert.deepEqual(stream.answers, [])
  assert.equal(await gateway.exited, 1)
})

/** A stream of which the first event has arrived. */
async function openEvents(gateway: ChildGateway, backend: RawBackend): Promise<Wire> {
  backend.answer = ({ socket }) =>
    void socket.write(
      'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nfirst\n\r\n',
    )
  const stream = openCall(gateway.port, 'GET', '/events')
  await until(() => stream.received.includes('first'), 'the stream has begun')
  return stream
}
