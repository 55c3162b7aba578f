import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startChildGateway } from './child-gateway.ts'
import { until } from './observe.ts'
import { bearer, configFor, frame, handshake, openSocket, startSocketFunction } from './websocket-sides.ts'
import { Wire } from './wire.ts'

test('H05 a stop tells both sides of every WebSocket with 1001 that the gateway goes away, and exits with 0', async (t) => {
  const fn = await startSocketFunction(t)
  const settings = { threads: 2, drain: { delay: '0s', grace: '20s' } }
  const gateway = await startChildGateway(t, configFor(fn.url, [{}], settings))
  const clients = await Promise.all(Array.from({ length: 8 }, () => openSocket(t, gateway.port)))
  for (const client of clients) client.socket.send('before')
  for (const client of clients) await client.heard(1)
  gateway.process.kill('SIGTERM')
  for (const client of clients) {
    assert.deepEqual(await client.end(), [1001, 'the gateway is shutting down'])
  }
  for (const side of fn.sides) assert.deepEqual(await side.end(), [1001, 'the gateway is shutting down'])
  assert.equal(await gateway.exited, 0)
})

test('H05 a client that does not close when the gateway stops is cut off, within the grace', async (t) => {
  const fn = await startSocketFunction(t)
  const settings = { drain: { delay: '0s', grace: '1s' } }
  const gateway = await startChildGateway(t, configFor(fn.url, [{}], settings))
  const wire = new Wire(gateway.port)
  t.after(() => wire.destroy())
  wire.write(handshake('/'))
  const there = await fn.opened()
  gateway.process.kill('SIGTERM')
  assert.equal((await there.end())[0], 1001)
  await until(() => wire.closed, 'the client is cut off')
  assert.ok(wire.received.includes(Buffer.from([0x88, 0x1e, 0x03, 0xe9])), 'it was told 1001')
  // A call was cut, and the exit code says so.
  assert.equal(await gateway.exited, 1)
})

test('while the gateway waits for its balancer to notice, WebSockets stay open and new ones open', async (t) => {
  const fn = await startSocketFunction(t)
  const settings = { drain: { delay: '1500ms', grace: '10s' } }
  const gateway = await startChildGateway(t, configFor(fn.url, [{}], settings))
  const early = await openSocket(t, gateway.port)
  gateway.process.kill('SIGTERM')
  await until(
    async () => (await fetch(`${gateway.management}/readyz`)).status === 503,
    'the gateway is not ready',
  )
  const late = await openSocket(t, gateway.port)
  late.socket.send('late')
  early.socket.send('early')
  assert.deepEqual([await late.heard(1), await early.heard(1)], [['late'], ['early']])
  assert.equal((await early.end())[0], 1001)
  assert.equal((await late.end())[0], 1001)
  assert.equal(await gateway.exited, 0)
})

test('one line of the access log tells of a WebSocket when it is over, without what was said', async (t) => {
  const fn = await startSocketFunction(t)
  const config = configFor(fn.url, [{ auth: {} }], { accessLog: { enabled: true }, logLevel: 'info' })
  const gateway = await startChildGateway(t, config)
  const authorization = bearer('chat')
  const headers = { authorization, 'x-request-id': 'socket-1' }
  const client = await openSocket(t, gateway.port, { path: '/room?key=s3cr3t', headers })
  client.socket.send('s3cr3t message')
  await client.heard(1)
  assert.doesNotMatch(gateway.output(), /socket-1/)
  const wire = new Wire(gateway.port)
  wire.write(Buffer.concat([Buffer.from(handshake('/refused', 'X-Request-Id: socket-2')), frame(1, 'x')]))
  await until(() => wire.closed, 'the other is refused')
  client.socket.close(4000, 's3cr3t reason')
  await client.end()
  const lines = () =>
    gateway
      .output()
      .split('\n')
      .filter((line) => line.includes('"type":"access"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  await until(() => lines().length === 2, 'two lines')
  const line = lines().find(({ id }) => id === 'socket-1')!
  assert.equal(line['status'], 101)
  assert.equal(line['outcome'], 'answered')
  assert.equal(line['path'], '/room')
  assert.equal(line['subject'], 'alice')
  assert.equal(line['backend'], 'b0')
  assert.deepEqual([line['bytesIn'], line['bytesOut']], [14, 14])
  assert.equal(line['reason'], 'client-closed: the client closed with 4000')
  assert.equal(lines().find(({ id }) => id === 'socket-2')!['status'], 401)
  assert.doesNotMatch(gateway.output(), /s3cr3t/)
  assert.doesNotMatch(gateway.output(), new RegExp(authorization.slice(-20)))
})
