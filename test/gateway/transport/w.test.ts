import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import type { HeaderList } from '../../../gateway/contract/headers.ts'
import type { Outcome } from '../../../gateway/contract/outcome.ts'
import type { Flow, Sink } from '../../../gateway/contract/sink.ts'
import type { Body, Transport } from '../../../gateway/contract/transport.ts'
import { createWireTransport } from '../../../gateway/transport/wire/wire.ts'

/** Collects an answer; `over` resolves when nothing more can come. */
class Collector implements Sink {
  flow: Flow | null = null
  status = 0
  headers: HeaderList | null = null
  body = ''
  outcome: Outcome | 'none' = 'none'
  detail = ''
  onHead: (() => void) | null = null
  readonly #done = Promise.withResolvers<void>()
  readonly over: Promise<void> = this.#done.promise

  start(flow: Flow): void {
    this.flow = flow
  }
  head(status: number, headers: HeaderList): void {
    this.status = status
    this.headers = headers
    this.onHead?.()
  }
  data(chunk: Buffer): void {
    this.body += chunk.toString('latin1')
  }
  end(): void {
    this.outcome = 'answered'
    this.#done.resolve()
  }
  fail(outcome: Outcome, detail: string): void {
    this.outcome = outcome
    this.detail = detail
    this.#done.resolve()
  }
}

function send(
  transport: Transport,
  origin: string,
  method = 'GET',
  body: Body = null,
  headers: string[] = [],
): Collector {
  const sink = new Collector()
  transport.send({ origin, method, path: '/p?q=1', headers, body, bodyLength: -1 }, sink)
  return sink
}

/** A server that answers every connection with these bytes, then closes. */
async function rawServer(t: { after(fn: () => unknown): void }, bytes: string): Promise<string> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(bytes, 'latin1'))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`
}

function transportFor(t: { after(fn: () => unknown): void }, options = {}): Transport {
  const transport = createWireTransport(options)
  t.after(() => transport.close())
  return transport
}

test('an answer arrives with its duplicate headers in order and its bytes as they were', async (t) => {
  const origin = await rawServer(
    t,
    'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 201 Made\r\nSet-Cookie: a=1\r\nX: caf\xe9\r\nset-cookie: b=2\r\nContent-Length: 3\r\n\r\nh\xe9y',
  )
  const sink = send(transportFor(t), origin)
  await sink.over
  assert.equal(sink.outcome, 'answered')
  assert.equal(sink.status, 201)
  assert.deepEqual(sink.headers?.flat, [
    'set-cookie',
    'a=1',
    'x',
    'caf\xe9',
    'set-cookie',
    'b=2',
    'content-length',
    '3',
  ])
  assert.equal(sink.body, 'h\xe9y')
})

test('a body whole in memory, streamed with a length and streamed without one arrive with right framing', async (t) => {
  const seen: string[] = []
  const server = http.createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      seen.push(`${request.headers['content-length'] ?? request.headers['transfer-encoding']} ${body}`)
      response.end()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const origin = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`
  const transport = transportFor(t)
  await send(transport, origin, 'POST', Buffer.from('whole')).over
  await send(transport, origin, 'PUT', Readable.from([Buffer.from('stre'), Buffer.from('am')]), [
    'content-length',
    '6',
  ]).over
  await send(transport, origin, 'POST', Readable.from([Buffer.from('chunks')])).over
  await send(transport, origin, 'GET', Buffer.from('odd')).over
  await send(transport, origin, 'POST').over
  assert.deepEqual(seen, ['5 whole', '6 stream', 'chunked chunks', '3 odd', '0 '])
})

test('each way to fail has its outcome', async (t) => {
  const transport = transportFor(t)
  const refused = net.createServer()
  await once(refused.listen(0, '127.0.0.1'), 'listening')
  const { port } = refused.address() as net.AddressInfo
  await new Promise((resolve) => refused.close(resolve))

  const cases: [string, string, string][] = [
    ['refused', `http://127.0.0.1:${port}`, 'unreachable'],
    ['unknown host', 'http://nowhere.invalid', 'unreachable'],
    ['closed before the head', await rawServer(t, ''), 'reset'],
    ['closed within the head', await rawServer(t, 'HTTP/1.1 200 OK\r\nX: '), 'reset'],
    ['not HTTP', await rawServer(t, 'SSH-2.0-OpenSSH_9.2\r\n\r\n'), 'malformed'],
    [
      'two lengths',
      await rawServer(t, 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
      'malformed',
    ],
    ['body cut', await rawServer(t, 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'), 'reset'],
    [
      'chunks cut',
      await rawServer(t, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'),
      'reset',
    ],
    [
      'upgrade nobody asked for',
      await rawServer(t, 'HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'),
      'malformed',
    ],
    [
      'head too large',
      await rawServer(t, `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`),
      'malformed',
    ],
  ]
  for (const [name, origin, outcome] of cases) {
    const sink = send(transport, origin)
    await sink.over
    assert.equal(sink.outcome, outcome, `${name}: ${sink.detail}`)
  }
})

test('an abort cuts the upstream connection at once and silences the sink', async (t) => {
  const server = http.createServer(() => {})
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const origin = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`
  const sink = send(transportFor(t), origin)
  const [request] = (await once(server, 'request')) as [http.IncomingMessage]
  const closed = new Promise((resolve) => request.once('error', () => {}).once('close', resolve))
  sink.flow?.abort()
  await closed
  assert.equal(sink.outcome, 'none')
})

test('an abort before the connection is there never sends the request', async (t) => {
  let heads = 0
  const server = http.createServer(() => {
    heads++
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const origin = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`
  const transport = transportFor(t)
  const first = send(transport, origin)
  first.flow?.abort()
  const second = send(transport, origin)
  await once(server, 'request')
  assert.equal(heads, 1)
  second.flow?.abort()
  assert.equal(first.outcome, 'none')
})

test('backpressure stops the reading', async (t) => {
  let written = 0
  const server = http.createServer((_request, response) => {
    const chunk = Buffer.alloc(65_536)
    const more = (): void => {
      while (written < 200 * 1024 * 1024 && response.write(chunk)) written += chunk.length
    }
    response.on('drain', more)
    more()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const origin = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`
  const sink = send(transportFor(t), origin)
  const paused = Promise.withResolvers<void>()
  sink.data = () => {
    sink.flow?.pause()
    paused.resolve()
  }
  await paused.promise
  let before = -1
  while (before !== written) {
    before = written
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  assert.ok(written < 32 * 1024 * 1024, `${written} bytes were taken from a paused answer`)
  sink.flow?.abort()
})

test('the flow of an answer that is over does not touch the next one on the same connection', async (t) => {
  let connections = 0
  const server = http.createServer((request, response) => {
    if (request.method === 'GET') return void response.end('first')
    response.write('second')
  })
  server.on('connection', () => connections++)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`
  const transport = transportFor(t, { connections: 1 })
  const first = send(transport, origin)
  await first.over

  const requested = once(server, 'request')
  const second = send(transport, origin, 'POST')
  const arrived = Promise.withResolvers<void>()
  second.data = () => {
    second.flow?.pause()
    arrived.resolve()
  }
  const [, response] = (await requested) as [unknown, http.ServerResponse]
  await arrived.promise
  let pieces = 0
  second.data = () => pieces++
  first.flow?.pause()
  first.flow?.resume()
  response.write('more')
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(pieces, 0, 'a paused answer was resumed by another')
  second.flow?.resume()
  while (pieces === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  assert.equal(connections, 1)
  second.flow?.abort()
})

test('a transfer coding that nobody asked for is malformed', async (t) => {
  const transport = transportFor(t)
  for (const coding of ['gzip', 'gzip, chunked', 'identity', 'chunked, chunked']) {
    const answer = `HTTP/1.1 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n2\r\nok\r\n0\r\n\r\n`
    const sink = send(transport, await rawServer(t, answer))
    await sink.over
    assert.equal(sink.outcome, 'malformed', coding)
  }
})
