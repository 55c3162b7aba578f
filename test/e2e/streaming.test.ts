import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { afterEach, before, beforeEach, test } from 'node:test'
import { call, openCall } from './call.ts'
import { notWith, underTest } from './driver-under-test.ts'
import { fileCleanup } from './file-cleanup.ts'
import { startTestGateway, type TestGateway } from './gateway.ts'
import { callsByOutcome, counted, readMetrics, slotsTaken, until } from './observe.ts'
import { OK, type RawBackend, type RawRequest, startRawBackend } from './raw-backend.ts'
import { Wire } from './wire.ts'

/** Group F of the checklist: answers and bodies on their way, and clients that leave. */
let backend: RawBackend
let gateway: TestGateway
const WHOLE = notWith('riff', 'replies of riff are messages, and whole')
const ONE_STATUS = notWith('riff', 'every reply of riff is 200')

const cleanup = fileCleanup()

before(async () => {
  backend = await startRawBackend(cleanup)
  gateway = await startTestGateway(cleanup, {
    gateway: { timeouts: { body: '600ms' }, limits: { replay: '16KiB' } },
    plugins: [new URL('outside/trouble-plugin.ts', import.meta.url).pathname],
    defaults: { plugins: { trouble: {} } },
    backends: underTest({ raw: { driver: 'http', url: backend.url } }),
    functions: {
      fn: { deployments: ['raw'], timeout: '10s' },
      brief: { deployments: ['raw'], timeout: '900ms' },
    },
    routes: [
      { path: '/brief', function: 'brief', auth: 'none' },
      { path: '/*', function: 'fn', auth: 'none' },
    ],
  })
})

beforeEach(() => {
  backend.forget()
  backend.answer = ({ socket }) => void socket.write(OK)
  backend.onHead = () => {}
})

afterEach(async () => {
  backend.answer = ({ socket }) => void socket.write(OK)
  backend.onHead = () => {}
  assert.equal((await call(gateway.port, 'GET', '/')).body, 'ok')
  await until(async () => (await slotsTaken(gateway)) === 0, 'all slots are given back')
  assert.equal((await readMetrics(gateway)).value('dispatch_unhandled_rejections_total', {}), 0)
})

test('events reach the client one by one, as the function writes them', WHOLE, async () => {
  backend.answer = ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n')
  }
  const wire = openCall(gateway.port, 'GET', '/events')
  await has(wire, 'text/event-stream')
  const [{ socket }] = backend.requests as [RawRequest]
  for (let i = 0; i < 20; i++) {
    const event = `data: ${i}\n\n`
    socket.write(`${event.length.toString(16)}\r\n${event}\r\n`)
    // The next one is written only when this one is there: nothing is collected on the way.
    await has(wire, event)
  }
  socket.write('0\r\n\r\n')
  await wire.until(1, 2000)
  assert.equal(wire.answers[0]?.body.toString().match(/data/g)?.length, 20)
})

test('F21 a HEAD gets the length and no body, whatever the function sends, and the connection stays good', async () => {
  for (const [sent, length] of [
    ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', '5'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', '5'],
    ['HTTP/1.1 200 OK\r\n\r\n', null],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', null],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n', null],
  ] as const) {
    backend.answer = ({ method, socket }) => void socket.write(method === 'HEAD' ? sent : OK)
    const wire = openCall(gateway.port, 'HEAD', '/')
    await has(wire, '\r\n\r\n')
    wire.write('GET /next HTTP/1.1\r\nHost: own.test\r\n\r\n')
    await has(wire, '\r\n\r\nok')
    const [head, next, ...more] = wire.received.toString('latin1').split('\r\n\r\n')
    assert.match(head!, /^HTTP\/1\.1 200 /)
    assert.equal(/^content-length: (.*)$/im.exec(head!)?.[1] ?? null, length, sent)
    assert.match(next!, /^HTTP\/1\.1 200 /, 'the next answer begins where the head ended')
    assert.deepEqual(more, ['ok'])
    wire.destroy()
  }
})

test('F22 204 and 304 have no body, and 204 no length, whatever the function sends', ONE_STATUS, async () => {
  for (const [status, framing, body] of [
    [204, '', ''],
    [204, 'Content-Length: 5\r\n', ''],
    [204, 'Content-Length: 5\r\n', 'hello'],
    [204, 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n\r\n'],
    [304, '', ''],
    [304, 'Content-Length: 5\r\n', ''],
    [304, 'Content-Length: 5\r\n', 'hello'],
    [304, 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n\r\n'],
  ] as const) {
    const answer = `HTTP/1.1 ${status} Odd\r\n${framing}ETag: "a"\r\n\r\n${body}`
    backend.answer = ({ socket, target }) => void socket.write(target.endsWith('/odd') ? answer : OK)
    const wire = openCall(gateway.port, 'GET', '/odd')
    await wire.until(1, 2000)
    wire.write('GET /next HTTP/1.1\r\nHost: own.test\r\n\r\n')
    await wire.until(2, 2000)
    const [odd, next] = wire.answers
    assert.equal(odd?.status, status)
    assert.equal(odd.headers.get('etag')?.[0], '"a"')
    assert.equal(odd.headers.has('transfer-encoding'), false)
    if (status === 204) assert.equal(odd.headers.has('content-length'), false)
    assert.equal(next?.body.toString(), 'ok', wire.received.toString('latin1'))
    wire.destroy()
  }
})

test('F23 a client that leaves while the function works ends the call upstream at once', async () => {
  const before = await callsByOutcome(gateway)
  backend.answer = () => {}
  const wire = openCall(gateway.port, 'GET', '/slow')
  await until(() => backend.requests.length === 1, 'the function has the call')
  assert.equal(await slotsTaken(gateway), 1)
  const [{ socket }] = backend.requests as [RawRequest]
  const closed = once(socket, 'close')
  const left = performance.now()
  wire.destroy()
  await closed
  assert.ok(performance.now() - left < 1000)
  await until(async () => (await slotsTaken(gateway)) === 0, 'the slot is free', 1000)
  await counted(gateway, 'aborted', (before['aborted'] ?? 0) + 1)
})

test('F23 a client that leaves in the middle of an answer ends the call upstream at once', async () => {
  backend.answer = ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npartial')
  const wire = openCall(gateway.port, 'GET', '/slow')
  await has(wire, 'partial')
  const [{ socket }] = backend.requests as [RawRequest]
  const closed = once(socket, 'close')
  wire.destroy()
  await closed
})

test('F23 a client that leaves while a plugin waits never wakes the function', async () => {
  const before = await callsByOutcome(gateway)
  const wire = openCall(gateway.port, 'GET', '/', { headers: ['X-Trouble: access:wait'] })
  await until(async () => (await inFlight()) === 1, 'the call is in its access phase')
  wire.destroy()
  await until(async () => (await inFlight()) === 0, 'the call is over', 250)
  await counted(gateway, 'aborted', (before['aborted'] ?? 0) + 1)
  // The plugin's promise resolves after 300 ms; this call waits as long.
  assert.equal((await call(gateway.port, 'GET', '/', { headers: ['X-Trouble: access:wait'] })).body, 'ok')
  assert.equal(backend.requests.length, 1)
})

test('F24 a client that leaves in the middle of its upload: the function never sees a whole request', async () => {
  for (const head of ['Content-Length: 100000', 'Transfer-Encoding: chunked']) {
    backend.forget()
    const wire = new Wire(gateway.port)
    const begun = nextHead()
    const part = 'x'.repeat(20_000)
    const chunked = head.startsWith('Transfer')
    wire.write(
      `POST / HTTP/1.1\r\nHost: own.test\r\n${head}\r\n\r\n${chunked ? `4e20\r\n${part}\r\n` : part}`,
    )
    const socket = await begun
    const closed = once(socket, 'close')
    wire.destroy()
    await closed
    assert.equal(backend.heads, 1)
    assert.equal(backend.requests.length, 0, `${head}: an aborted upload was completed`)
  }
})

test('F24 a client that leaves before its small body is whole never reaches the function', async () => {
  const wire = new Wire(gateway.port)
  wire.write('POST / HTTP/1.1\r\nHost: own.test\r\nContent-Length: 1000\r\n\r\npartial')
  await until(async () => (await inFlight()) === 1, 'the body is being read')
  wire.destroy()
  await until(async () => (await inFlight()) === 0, 'the call is over')
  assert.equal(backend.heads, 0)
})

test('F26 a client that stops sending gets 408, and the function no whole request', async () => {
  for (const length of [1000, 100_000]) {
    backend.forget()
    const wire = new Wire(gateway.port)
    const start = performance.now()
    wire.write(`POST / HTTP/1.1\r\nHost: own.test\r\nContent-Length: ${length}\r\n\r\npartial`)
    await wire.until(1, 3000)
    const took = performance.now() - start
    assert.equal(wire.answers[0]?.status, 408)
    assert.ok(took > 590 && took < 2000, `after ${took} ms`)
    assert.equal(backend.requests.length, 0)
    await until(() => wire.closed, 'the connection ends', 4000)
  }
})

test('F26 a function that stops reading is given its whole time after the last byte it took, then 504', async () => {
  backend.onHead = (_head, socket) => void socket.pause()
  const wire = new Wire(gateway.port)
  const start = performance.now()
  const body = Buffer.alloc(24 * 1024 * 1024)
  wire.write(`POST /brief HTTP/1.1\r\nHost: own.test\r\nContent-Length: ${body.length}\r\n\r\n`)
  wire.write(body)
  await wire.until(1, 6000)
  assert.equal(wire.answers[0]?.status, 504)
  assert.ok(performance.now() - start > 890)
  assert.equal(backend.requests.length, 0)
})

test('a function that stops in the middle of its answer: the client is cut off, the function is to blame', async () => {
  const before = await callsByOutcome(gateway)
  backend.answer = ({ socket }) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npartial')
  const start = performance.now()
  const wire = openCall(gateway.port, 'GET', '/stops')
  await wire.until(1, 3000)
  assert.ok(wire.closed && wire.answers.length === 0)
  assert.ok(performance.now() - start > 590)
  await counted(gateway, 'timeout', (before['timeout'] ?? 0) + 1)
})

test('an answer that keeps moving may take as long as it likes', async () => {
  backend.answer = async ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n')
    for (let i = 0; i < 8; i++) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      socket.write('x')
    }
  }
  assert.equal((await call(gateway.port, 'GET', '/brief')).body, 'xxxxxxxx')
})

test(
  'F27 a function that answers before it has read the body: the client gets the answer',
  ONE_STATUS,
  async () => {
    for (const [bytes, status] of [
      [100_000, 413],
      [16 * 1024 * 1024, 413],
      [100_000, 200],
    ] as const) {
      backend.forget()
      backend.onHead = (head, socket) => {
        if (!head.startsWith('POST')) return
        socket.pause()
        socket.end(`HTTP/1.1 ${status} Early\r\nConnection: close\r\nContent-Length: 5\r\n\r\nearly`)
      }
      const wire = new Wire(gateway.port)
      wire.write(`POST / HTTP/1.1\r\nHost: own.test\r\nContent-Length: ${bytes}\r\n\r\n`)
      wire.write(Buffer.alloc(bytes, 'x'))
      await wire.until(1, 3000)
      assert.equal(wire.answers[0]?.status, status)
      assert.equal(wire.answers[0]?.body.toString(), 'early')
      // Either the rest was drained and the connection serves on, or it was closed: the body is never a request.
      wire.write('GET /next HTTP/1.1\r\nHost: own.test\r\n\r\n')
      await wire.until(2, 4000)
      assert.ok(wire.closed || wire.answers[1]?.body.toString() === 'ok')
      assert.equal(backend.requests.filter(({ method }) => method === 'POST').length, 0)
      wire.destroy()
    }
  },
)

test('a client that waits for 100 Continue gets it when its call is let in, and the function never sees the wish', async () => {
  for (const length of [5, 100_000]) {
    backend.forget()
    const wire = new Wire(gateway.port)
    wire.write(
      `POST / HTTP/1.1\r\nHost: own.test\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`,
    )
    await has(wire, 'HTTP/1.1 100 Continue\r\n\r\n')
    assert.equal(wire.answers.length, 0)
    wire.write('x'.repeat(length))
    await wire.until(1, 2000)
    assert.equal(wire.answers[0]?.status, 200)
    assert.equal(backend.requests[0]?.body.length, length)
    assert.ok(!/^expect:/im.test(backend.requests[0].head))
    wire.destroy()
  }
})

test('trailers of an answer are dropped, and the announcement of them too', async () => {
  backend.answer = ({ socket }) =>
    void socket.write(
      'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n',
    )
  const wire = openCall(gateway.port, 'GET', '/')
  await wire.until(1, 2000)
  assert.equal(wire.answers[0]?.body.toString(), 'ok')
  assert.ok(!/trailer|x-sum/i.test(wire.received.toString('latin1')))
})

test('a slow reader gets every byte of a large answer in order', async () => {
  const piece = Buffer.alloc(1 << 20)
  for (let i = 0; i < piece.length; i += 4) piece.writeUInt32LE(i, i)
  const pieces = 24
  backend.answer = ({ socket }) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${pieces * piece.length}\r\n\r\n`)
    for (let i = 0; i < pieces; i++) socket.write(piece)
  }
  const client = net.connect(gateway.port, '127.0.0.1')
  client.write('GET /large HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\n\r\n')
  let received = 0
  let head = true
  for await (const data of client as AsyncIterable<Buffer>) {
    let body = data
    if (head) {
      body = data.subarray(data.indexOf('\r\n\r\n', 0, 'latin1') + 4)
      head = false
    }
    for (let at = 0; at < body.length; at++) {
      const offset = (received + at) % piece.length
      if (body[at] !== piece[offset]) assert.fail(`byte ${received + at} is wrong`)
    }
    const before = received
    received += body.length
    // Stops for a while after every megabyte, so that each part of the way fills up.
    if (Math.floor(before / 1_000_000) !== Math.floor(received / 1_000_000))
      await new Promise((r) => setTimeout(r, 15))
  }
  assert.equal(received, pieces * piece.length)
})

/** The socket on which the backend sees the next head. */
function nextHead(): Promise<net.Socket> {
  return new Promise((resolve) => {
    backend.onHead = (_head, socket) => resolve(socket)
  })
}

async function has(wire: Wire, text: string): Promise<void> {
  await until(() => wire.received.includes(text, 0, 'latin1'), `the client has ${JSON.stringify(text)}`)
}

/** Calls that clients have begun and the gateway has not finished. */
async function inFlight(): Promise<number> {
  const { samples } = await readMetrics(gateway)
  return samples
    .filter(({ name }) => name === 'dispatch_requests_in_flight')
    .reduce((sum, { value }) => sum + value, 0)
}
