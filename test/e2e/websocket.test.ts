import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startTestGateway, type TestGateway } from './gateway.ts'
import { callsByOutcome, counted, readMetrics, slotsTaken, until } from './observe.ts'
import { startUpstream } from './upstream.ts'
import { bearer, configFor, frame, handshake, openSocket, startSocketFunction } from './websocket-sides.ts'
import { Wire } from './wire.ts'

async function closedAll(gateway: TestGateway): Promise<void> {
  await until(async () => (await slotsTaken(gateway)) === 0, 'no slot is taken')
}

test('texts, bytes, empty messages and fragments go both ways, in order', async (t) => {
  const fn = await startSocketFunction(t)
  const gateway = await startTestGateway(t, configFor(fn.url))
  const client = await openSocket(t, gateway.port, { path: '/chat?room=1' })
  const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i & 0xff))
  client.socket.send('text with ünicode')
  client.socket.send(bytes)
  client.socket.send('')
  client.socket.send('in ', { fin: false })
  client.socket.send('pieces', { fin: true })
  const sent = ['text with ünicode', bytes, '', 'in pieces']
  assert.deepEqual(await client.heard(4), sent)
  const there = await fn.opened()
  assert.deepEqual(there.messages, sent)
  assert.equal(there.request.url, '/chat?room=1')
})

test('pings and pongs go from one side to the other, and are answered once', async (t) => {
  const fn = await startSocketFunction(t)
  const gateway = await startTestGateway(t, configFor(fn.url))
  const client = await openSocket(t, gateway.port)
  const there = await fn.opened()
  client.socket.ping('from the client')
  there.socket.ping('from the function')
  await until(() => client.pongs.length > 0 && there.pongs.length > 0, 'both are answered')
  client.socket.send('behind them')
  await client.heard(1)
  assert.deepEqual([client.pings, client.pongs], [['from the function'], ['from the client']])
  assert.deepEqual([there.pings, there.pongs], [['from the client'], ['from the function']])
})

test('the subprotocol is what the function chooses among all that the client offers', async (t) => {
  const fn = await startSocketFunction(t, {
    handleProtocols: (offered) => (offered.has('second') ? 'second' : false),
  })
  const gateway = await startTestGateway(t, configFor(fn.url))
  const client = await openSocket(t, gateway.port, { protocols: ['first', 'second', 'third'] })
  assert.equal(client.socket.protocol, 'second')
  assert.equal((await fn.opened()).request.headers['sec-websocket-protocol'], 'first,second,third')
  const wire = new Wire(gateway.port)
  t.after(() => wire.destroy())
  wire.write(handshake('/', 'Sec-WebSocket-Protocol: first', 'Sec-WebSocket-Protocol: third'))
  await until(() => wire.received.includes('\r\n\r\n'), 'an answer')
  assert.match(wire.received.toString(), /^HTTP\/1\.1 101 /)
  assert.doesNotMatch(wire.received.toString(), /Sec-WebSocket-Protocol/i)
  assert.equal((await fn.opened(1)).request.headers['sec-websocket-protocol'], 'first, third')
})

test('no extension is agreed on, with either side', async (t) => {
  const fn = await startSocketFunction(t, { perMessageDeflate: true })
  const gateway = await startTestGateway(t, configFor(fn.url))
  const client = await openSocket(t, gateway.port, { deflate: true })
  assert.equal(client.socket.extensions, '')
  assert.equal((await fn.opened()).request.headers['sec-websocket-extensions'], undefined)
  client.socket.send('plain')
  assert.deepEqual(await client.heard(1), ['plain'])
})

test('the function is told who calls, and nothing that belongs to the connection of the client', async (t) => {
  const fn = await startSocketFunction(t)
  const gateway = await startTestGateway(t, configFor(fn.url, [{ auth: {} }]))
  const wire = new Wire(gateway.port)
  t.after(() => wire.destroy())
  const lines = [
    `Authorization: ${bearer('chat')}`,
    'Cookie: theme=dark',
    'Origin: https://app.example.com',
    'Connection: X-Hop',
    'X-Hop: 1',
    'X-Request-Id: request-1',
    'X-Forwarded-For: 203.0.113.9',
    'Dispatch-Subject: mallory',
    'Sec-WebSocket-Extensions: permessage-deflate',
  ]
  wire.write(handshake('/', ...lines))
  await until(() => wire.received.includes('\r\n\r\n'), 'an answer')
  const answer = wire.received.toString()
  assert.match(answer, /^HTTP\/1\.1 101 Switching Protocols\r\n/)
  // The example of RFC 6455, 1.3.
  assert.match(answer, /\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/)
  assert.match(answer, /\r\nx-request-id: request-1\r\n/)
  const { headers } = (await fn.opened()).request
  assert.equal(headers['dispatch-subject'], 'alice')
  assert.equal(headers['dispatch-scopes'], 'chat')
  assert.equal(headers['x-forwarded-for'], '127.0.0.1')
  assert.equal(headers['x-request-id'], 'request-1')
  assert.equal(headers.cookie, 'theme=dark')
  assert.equal(headers.origin, 'https://app.example.com')
  assert.match(headers['traceparent'] as string, /^00-/)
  assert.equal(headers.authorization, undefined)
  assert.equal(headers['x-hop'], undefined)
  assert.equal(headers['sec-websocket-extensions'], undefined)
  assert.equal(headers.upgrade, 'websocket')
  assert.notEqual(headers['sec-websocket-key'], 'dGhlIHNhbXBsZSBub25jZQ==')
})

test('101 is said when the function has agreed, and not before', async (t) => {
  const agree = Promise.withResolvers<void>()
  const fn = await startSocketFunction(t, {
    verifyClient: (_info, done) => void agree.promise.then(() => done(true)),
  })
  const gateway = await startTestGateway(t, configFor(fn.url))
  const wire = new Wire(gateway.port)
  t.after(() => wire.destroy())
  wire.write(handshake('/'))
  await until(async () => (await slotsTaken(gateway)) === 1, 'the slot is taken')
  // Frames of a client that does not wait, in the same packet and in a later one.
  wire.write(Buffer.concat([frame(1, 'one'), frame(1, 'two').subarray(0, 4)]))
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(wire.received.length, 0)
  agree.resolve()
  wire.write(frame(1, 'two').subarray(4))
  const there = await fn.opened()
  assert.deepEqual(await there.heard(2), ['one', 'two'])
  assert.match(wire.received.toString('latin1'), /^HTTP\/1\.1 101 /)
})

test('frames in the packet of the handshake are not lost', async (t) => {
  const fn = await startSocketFunction(t)
  const gateway = await startTestGateway(t, configFor(fn.url))
  const wire = new Wire(gateway.port)
  t.after(() => wire.destroy())
  wire.write(Buffer.concat([Buffer.from(handshake('/')), frame(1, 'early'), frame(1, 'bird')]))
  assert.deepEqual(await (await fn.opened()).heard(2), ['early', 'bird'])
})

test('a call is refused before anything goes upstream, on the connection, which then ends', async (t) => {
  const fn = await startSocketFunction(t)
  const limit = { 'rate-limit': { limit: 1, window: '1h', by: 'route' } }
  const routes = [
    { path: '/private', auth: {} },
    { path: '/scoped', auth: { scopes: ['admin'] } },
    { path: '/limited', plugins: limit },
    { path: '/network', plugins: { 'ip-restriction': { allow: ['192.0.2.0/24'] } } },
    { path: '/open' },
  ]
  const gateway = await startTestGateway(t, configFor(fn.url, routes))
  await openSocket(t, gateway.port, { path: '/limited' })
  const key = /Sec-WebSocket-Key: .*\r\n/
  const cases: [string, number, string, RegExp?][] = [
    [handshake('/private'), 401, 'GW_UNAUTHENTICATED', /\r\nwww-authenticate: Bearer/i],
    [handshake('/private', 'Authorization: Bearer x.y.z'), 401, 'GW_CREDENTIAL_INVALID'],
    [handshake('/scoped', `Authorization: ${bearer()}`), 403, 'GW_SCOPE_MISSING', /scope="admin"/],
    [handshake('/network'), 403, 'GW_ADDRESS_FORBIDDEN'],
    [handshake('/limited'), 429, 'GW_RATE_LIMITED', /\r\nretry-after: \d+\r\n/],
    [
      handshake('/open').replace('Version: 13', 'Version: 8'),
      426,
      'GW_UPGRADE_REQUIRED',
      /\r\nsec-websocket-version: 13\r\n/,
    ],
    [handshake('/open').replace(key, ''), 400, 'GW_BAD_UPGRADE'],
    [handshake('/open').replace(key, 'Sec-WebSocket-Key: short\r\n'), 400, 'GW_BAD_UPGRADE'],
    [handshake('/open', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='), 400, 'GW_BAD_UPGRADE'],
    [handshake('/open', 'Sec-WebSocket-Protocol: a, a'), 400, 'GW_BAD_UPGRADE'],
    [handshake('/open', 'Sec-WebSocket-Protocol: a b'), 400, 'GW_BAD_UPGRADE'],
    [handshake('/open', 'Host: other.test'), 400, 'GW_BAD_HOST'],
  ]
  for (const [bytes, status, code, more] of cases) {
    const wire = new Wire(gateway.port)
    wire.write(Buffer.concat([Buffer.from(bytes), frame(1, 'too early')]))
    await until(() => wire.closed, `the connection ends after ${code}`)
    const text = wire.received.toString()
    assert.deepEqual(wire.statuses, [status], `${code}: ${text}`)
    assert.deepEqual(wire.answers[0]!.headers.get('connection'), ['close'], code)
    assert.equal(JSON.parse(wire.answers[0]!.body.toString()).code, code)
    assert.match(text, /\r\ncontent-type: application\/problem\+json\r\n/)
    if (more !== undefined) assert.match(text, more)
  }
  assert.equal(fn.sides.length, 1)
  await counted(gateway, 'rejected', cases.length)
})

test('without a route that allows it, a request for a WebSocket is served as any other', async (t) => {
  const upstream = await startUpstream(t)
  const gateway = await startTestGateway(
    t,
    configFor(upstream.url, [{ path: '/plain', upgrade: 'none' }, { path: '/socket' }]),
  )
  const wire = new Wire(gateway.port)
  t.after(() => wire.destroy())
  const forms = [
    handshake('/plain'),
    handshake('/nowhere'),
    handshake('/socket').replace('Upgrade: websocket', 'Upgrade: h2c'),
    handshake('/socket').replace('GET', 'POST').replace('\r\n\r\n', '\r\nContent-Length: 2\r\n\r\nhi'),
    `${handshake('/socket', 'Content-Length: 2')}hi`,
    handshake('/socket').replace('Connection: Upgrade', 'Connection: keep-alive'),
  ]
  for (const [i, bytes] of forms.entries()) {
    wire.write(bytes)
    await wire.until(i + 1, 3000)
  }
  assert.deepEqual(wire.statuses, [200, 404, 200, 200, 200, 200])
  assert.equal(wire.closed, false)
  for (const { headers } of upstream.seen) assert.equal(headers.upgrade, undefined)
})

test('a WebSocket is counted once, and its slot held as long as it is open', async (t) => {
  const fn = await startSocketFunction(t)
  const gateway = await startTestGateway(t, configFor(fn.url))
  const client = await openSocket(t, gateway.port)
  assert.equal(await slotsTaken(gateway), 1)
  client.socket.send('12345')
  await client.heard(1)
  const read = async (name: string) => (await readMetrics(gateway)).samples.filter((one) => one.name === name)
  const sum = async (name: string) => (await read(name)).reduce((total, { value }) => total + value, 0)
  assert.equal(await sum('dispatch_websockets'), 1)
  assert.equal(await sum('dispatch_websockets_opened_total'), 1)
  assert.equal(await sum('dispatch_requests_in_flight'), 1)
  assert.equal((await callsByOutcome(gateway))['answered'] ?? 0, 0)
  client.socket.close(1000, 'done')
  await client.end()
  await closedAll(gateway)
  await counted(gateway, 'answered', 1)
  const [request] = await read('dispatch_requests_total')
  assert.deepEqual(request!.labels, { route: 'ANY /*', backend: 'b0', outcome: 'answered', status: '1xx' })
  const [ended] = await read('dispatch_websockets_closed_total')
  assert.deepEqual([ended!.labels, ended!.value], [{ end: 'client-closed' }, 1])
  assert.equal(await sum('dispatch_websockets'), 0)
  assert.equal(await sum('dispatch_requests_in_flight'), 0)
  assert.equal(await sum('dispatch_websocket_received_bytes_total'), 5)
  assert.equal(await sum('dispatch_websocket_sent_bytes_total'), 5)
})

test('behind Kong, which keeps its connection alive, a WebSocket opens as well', async (t) => {
  const fn = await startSocketFunction(t)
  const gateway = await startTestGateway(t, configFor(fn.url, [{}], { trustedProxies: ['127.0.0.1/32'] }))
  const wire = new Wire(gateway.port)
  t.after(() => wire.destroy())
  const lines = [
    'X-Forwarded-For: 203.0.113.9',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: api.example.com',
  ]
  wire.write(handshake('/', ...lines).replace('Connection: Upgrade', 'Connection: keep-alive, Upgrade'))
  const { headers } = (await fn.opened()).request
  assert.equal(headers['x-forwarded-for'], '203.0.113.9')
  assert.equal(headers['x-forwarded-proto'], 'https')
  assert.equal(headers['x-forwarded-host'], 'api.example.com')
})

test('on a connection that is kept, a WebSocket may come behind other calls', async (t) => {
  const fn = await startSocketFunction(t)
  const gateway = await startTestGateway(t, configFor(fn.url))
  const wire = new Wire(gateway.port)
  t.after(() => wire.destroy())
  wire.write('GET / HTTP/1.1\r\nHost: own.test\r\n\r\n')
  await wire.until(1, 3000)
  // What a WebSocket server says to an ordinary request.
  assert.deepEqual(wire.statuses, [426])
  wire.write(handshake('/'))
  await fn.opened()
  wire.write(frame(1, 'hello'))
  await (await fn.opened()).heard(1)
})

test('over TLS a WebSocket opens, relays and ends as it does without', async (t) => {
  const fn = await startSocketFunction(t)
  const config = configFor(fn.url, [{}], { https: { address: '127.0.0.1:0' } })
  const gateway = await startTestGateway(t, config)
  const port = Number(gateway.running.addresses.https!.split(':').at(-1))
  const client = await openSocket(t, port, { secure: true })
  const bytes = Buffer.alloc(300_000, 'x')
  for (let i = 0; i < 10; i++) client.socket.send(bytes)
  const back = await client.heard(10)
  assert.ok(back.every((message) => bytes.equals(message as Buffer)))
  const { headers } = (await fn.opened()).request
  assert.equal(headers['x-forwarded-proto'], 'https')
  client.socket.terminate()
  assert.equal((await fn.sides[0]!.end())[0], 1001)
  await closedAll(gateway)
})

test('plugins edit the head of 101', async (t) => {
  const fn = await startSocketFunction(t)
  const headers = { headers: { response: { set: { 'x-edited': 'yes' } } } }
  const gateway = await startTestGateway(t, configFor(fn.url, [{ plugins: headers }]))
  const wire = new Wire(gateway.port)
  t.after(() => wire.destroy())
  wire.write(handshake('/'))
  await until(() => wire.received.includes('\r\n\r\n'), 'an answer')
  assert.match(wire.received.toString(), /\r\nx-edited: yes\r\n/)
})
