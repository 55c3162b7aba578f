import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type net from 'node:net'
import { type TestContext, test } from 'node:test'
import { startTestGateway, type TestGateway } from './gateway.ts'
import { counted, readMetrics, slotsTaken, until } from './observe.ts'
import { startRawBackend } from './raw-backend.ts'
import { configFor, frame, handshake, openSocket, startSocketFunction } from './websocket-sides.ts'
import { Wire } from './wire.ts'

/** An answer of 101 to a request, that may have more lines. */
function agreement(head: string, ...lines: readonly string[]): string {
  const key = /^sec-websocket-key: (\S+)$/im.exec(head)?.[1] ?? ''
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  return [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    ...lines,
    '',
    '',
  ].join('\r\n')
}

/** A function that answers the handshake with these bytes. */
async function openBefore(
  t: TestContext,
  answer: (head: string, socket: net.Socket) => void,
): Promise<{ gateway: TestGateway; requests: readonly unknown[]; open: ReadonlySet<net.Socket> }> {
  const backend = await startRawBackend(t)
  backend.answer = ({ head, socket }) => answer(head, socket)
  const config = configFor(backend.url)
  const gateway = await startTestGateway(t, {
    ...config,
    functions: { f: { deployments: ['b0'], timeout: '600ms' } },
  })
  return { gateway, requests: backend.requests, open: backend.open }
}

async function ask(t: TestContext, gateway: TestGateway, bytes: string = handshake('/')): Promise<Wire> {
  const wire = new Wire(gateway.port)
  t.after(() => wire.destroy())
  wire.write(bytes)
  await until(() => wire.closed, 'the connection ends')
  return wire
}

interface Fault {
  readonly status: number
  readonly code: string | null
  readonly outcome: string
  readonly answer: (head: string, socket: net.Socket) => void
  /** Further lines of the handshake. */
  readonly lines?: readonly string[]
  /** Tries; a break before the answer is worth a second one. Default 1. */
  readonly tries?: number
}

const malformed = { status: 502, code: 'GW_BACKEND_MALFORMED', outcome: 'malformed' } as const
const says = (text: string) => (_head: string, socket: net.Socket) => void socket.write(text)

const FAULTS: Record<string, Fault> = {
  'answers 200': {
    status: 502,
    code: 'GW_FUNCTION_FAILED',
    outcome: 'function-error',
    answer: says('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  },
  'refuses with an answer of its own': {
    status: 403,
    code: null,
    outcome: 'answered',
    answer: says('HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\nX-Why: room\r\n\r\nfull'),
  },
  'proves another key': {
    ...malformed,
    answer: (_head, socket) => void socket.write(agreement('Sec-WebSocket-Key: another')),
  },
  'proves nothing': {
    ...malformed,
    answer: (head, socket) => void socket.write(agreement(head).replace(/Sec-WebSocket-Accept: .*\r\n/, '')),
  },
  'upgrades to something else': {
    ...malformed,
    answer: (head, socket) =>
      void socket.write(agreement(head).replace('Upgrade: websocket', 'Upgrade: h2c')),
  },
  'says 101 without an upgrade': {
    ...malformed,
    answer: says('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
  },
  'agrees to an extension that nobody offered': {
    ...malformed,
    lines: ['Sec-WebSocket-Extensions: permessage-deflate'],
    answer: (head, socket) =>
      void socket.write(agreement(head, 'Sec-WebSocket-Extensions: permessage-deflate')),
  },
  'chooses a subprotocol that nobody offered': {
    ...malformed,
    lines: ['Sec-WebSocket-Protocol: a'],
    answer: (head, socket) => void socket.write(agreement(head, 'Sec-WebSocket-Protocol: b')),
  },
  'chooses two subprotocols': {
    ...malformed,
    lines: ['Sec-WebSocket-Protocol: a, b'],
    answer: (head, socket) =>
      void socket.write(agreement(head, 'Sec-WebSocket-Protocol: a', 'Sec-WebSocket-Protocol: b')),
  },
  'answers garbage': { ...malformed, answer: says('\x16\x03\x01 this is no HTTP\r\n\r\n') },
  'answers with a huge head': {
    ...malformed,
    answer: (head, socket) => void socket.write(agreement(head, `X-Huge: ${'x'.repeat(200_000)}`)),
  },
  'never answers': { status: 504, code: 'GW_TIMEOUT', outcome: 'timeout', answer: () => {} },
  'hangs up': {
    status: 502,
    code: 'GW_BACKEND_RESET',
    outcome: 'reset',
    tries: 2,
    answer: (_head, socket) => void socket.destroy(),
  },
}

for (const [name, fault] of Object.entries(FAULTS)) {
  test(`a function that ${name}: ${fault.status}, ${fault.outcome}`, async (t) => {
    const { gateway, requests, open } = await openBefore(t, fault.answer)
    const wire = await ask(t, gateway, handshake('/', ...(fault.lines ?? [])))
    assert.deepEqual(wire.statuses, [fault.status], wire.received.toString('latin1').slice(0, 500))
    const [answer] = wire.answers
    if (fault.code === null) {
      assert.equal(answer!.body.toString(), 'full')
      assert.deepEqual(answer!.headers.get('x-why'), ['room'])
    } else {
      const problem = JSON.parse(answer!.body.toString())
      assert.equal(problem.code, fault.code)
      assert.equal(problem.attempts, fault.tries ?? 1)
    }
    assert.equal(requests.length, fault.tries ?? 1)
    await counted(gateway, fault.outcome, 1)
    assert.equal(await slotsTaken(gateway), 0)
    if (fault.outcome !== 'answered') await until(() => open.size === 0, 'nothing is left open upstream')
    assert.equal(await unhandled(gateway), 0)
  })
}

async function unhandled(gateway: TestGateway): Promise<number> {
  const { samples } = await readMetrics(gateway)
  return samples.find(({ name }) => name === 'dispatch_unhandled_rejections_total')!.value
}

test('a long refusal of the function is relayed whole, as it comes', async (t) => {
  const body = 'x'.repeat(300_000)
  const { gateway } = await openBefore(t, (_head, socket) => {
    socket.write(`HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  })
  const wire = await ask(t, gateway)
  assert.deepEqual(wire.statuses, [404])
  assert.equal(wire.answers[0]!.body.toString(), body)
})

test('where a deployment cannot be reached, another one opens the WebSocket', async (t) => {
  const fn = await startSocketFunction(t)
  // Nobody listens on port 1 of this machine.
  const gateway = await startTestGateway(t, configFor(['http://127.0.0.1:1', fn.url]))
  for (let i = 0; i < 8; i++) {
    const client = await openSocket(t, gateway.port)
    client.socket.close()
    assert.equal((await client.end())[0], 1005)
  }
  assert.equal(fn.sides.length, 8)
  const { samples } = await readMetrics(gateway)
  const attempts = samples.filter(
    ({ name, labels }) => name === 'dispatch_attempts_total' && labels['outcome'] === 'unreachable',
  )
  assert.ok(attempts.some(({ value }) => value > 0))
})

test('where no deployment can be reached, the client gets 502', async (t) => {
  const unreachable = await startTestGateway(t, configFor('http://127.0.0.1:1'))
  const wire = await ask(t, unreachable)
  assert.deepEqual(wire.statuses, [502])
  assert.equal(JSON.parse(wire.answers[0]!.body.toString()).code, 'GW_BACKEND_UNREACHABLE')
  await counted(unreachable, 'unreachable', 1)
})

for (const [how, leave] of [
  ['closes', (wire: Wire) => wire.destroy()],
  ['resets', (wire: Wire) => wire.reset()],
  ['ends its half of', (wire: Wire) => wire.end()],
] as const) {
  test(`a client that ${how} its connection before the function agrees ends the call upstream at once`, async (t) => {
    const { gateway, requests, open } = await openBefore(t, () => {})
    const wire = new Wire(gateway.port)
    wire.write(handshake('/'))
    await until(() => requests.length === 1, 'the function is asked')
    leave(wire)
    await until(() => open.size === 0, 'the function hears of it', 500)
    await counted(gateway, 'aborted', 1)
    assert.equal(await slotsTaken(gateway), 0)
  })
}

test('a client that floods before the function agrees is not read further', async (t) => {
  const { gateway, requests } = await openBefore(t, () => {})
  const wire = new Wire(gateway.port)
  t.after(() => wire.destroy())
  wire.write(handshake('/'))
  await until(() => requests.length === 1, 'the function is asked')
  for (let i = 0; i < 100; i++) wire.write(frame(2, Buffer.alloc(60_000)))
  await until(() => wire.closed, 'the call times out')
  assert.deepEqual(wire.statuses, [504])
})

test('a function that answers with the first frames in one packet loses none', async (t) => {
  const { gateway } = await openBefore(t, (head, socket) => {
    const frames = Buffer.from([0x81, 0x03, 0x6f, 0x6e, 0x65, 0x81, 0x03, 0x74, 0x77, 0x6f])
    socket.write(Buffer.concat([Buffer.from(agreement(head)), frames]))
  })
  const client = await openSocket(t, gateway.port)
  assert.deepEqual(await client.heard(2), ['one', 'two'])
})

test('a function that agrees and hangs up closes the client properly', async (t) => {
  const { gateway } = await openBefore(t, (head, socket) => void socket.end(agreement(head)))
  const client = await openSocket(t, gateway.port)
  assert.equal((await client.end())[0], 1011)
  await counted(gateway, 'reset', 1)
  assert.equal(await slotsTaken(gateway), 0)
})
