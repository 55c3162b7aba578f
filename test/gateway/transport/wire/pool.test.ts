import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pool, type PoolOptions } from '../../../../gateway/transport/wire/pool.ts'
import { requestHead } from '../../../../gateway/transport/wire/request-head.ts'
import { WireCall } from '../../../../gateway/transport/wire/wire-call.ts'
import { Collector } from '../../../conformance/transport/collector.ts'
import { type ScriptedSocket, scriptedDialer } from '../../../fuzz/scripted-server.ts'

const OK = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
const POISON = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison')

/** A pool whose servers are scripted, with the sockets that it opened. */
function openPool(
  script: (socket: ScriptedSocket, number: number) => void,
  options: Partial<PoolOptions> = {},
): { pool: Pool; sockets: ScriptedSocket[] } {
  const sockets: ScriptedSocket[] = []
  const dialer = scriptedDialer((socket) => script(socket, sockets.push(socket)))
  const pool = new Pool(dialer, { connections: 1, connectTimeoutMs: 1000, keepAliveMs: 1000, ...options })
  return { pool, sockets }
}

function send(pool: Pool): { sink: Collector; call: WireCall } {
  const sink = new Collector()
  const request = { origin: '', method: 'GET', path: '/', headers: [], body: null, bodyLength: -1 }
  const call = new WireCall(request, sink)
  sink.start(call)
  call.head = requestHead(request, pool.authority)
  pool.send(call)
  return { sink, call }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

test('what a server says after its answer is found out before the next request is written', async () => {
  const { pool, sockets } = openPool((socket, number) =>
    socket.on('request', () => {
      socket.say(OK)
      if (number === 1) setImmediate(() => socket.say(POISON))
    }),
  )
  const first = send(pool)
  const next = send(pool)
  await first.sink.over
  await next.sink.over
  assert.deepEqual([first.sink.body, next.sink.body], ['ok', 'ok'])
  assert.equal(sockets.length, 2)
  assert.equal(sockets[0]!.written.split('GET /').length, 2, 'one request was written')
})

test('what a server says while its connection is idle is found out even if a request is sent in that turn', async () => {
  const { pool, sockets } = openPool((socket) => socket.on('request', () => socket.say(OK)))
  await send(pool).sink.over
  await turn()
  const next = send(pool)
  sockets[0]!.say(POISON)
  await next.sink.over
  assert.equal(next.sink.body, 'ok')
  assert.equal(sockets.length, 2)
})

test('a call that leaves before its request is written leaves the connection to the next in line', async () => {
  const { pool, sockets } = openPool((socket) => socket.on('request', () => socket.say(OK)))
  await send(pool).sink.over
  await turn()
  const leaver = send(pool)
  const waiting = send(pool)
  leaver.call.abort()
  await waiting.sink.over
  assert.equal(waiting.sink.body, 'ok')
  assert.equal(leaver.sink.outcome, 'none')
  assert.equal(sockets.length, 1)
  assert.equal(sockets[0]!.written.split('GET /').length, 3, 'two requests were written')
})

test('each connection that cannot be opened costs one of those who wait its try, in order', async () => {
  const { pool, sockets } = openPool(
    (socket, number) => {
      if (number <= 2) process.nextTick(() => socket.emit('error', new Error('refused')))
      else socket.on('request', () => socket.say(OK))
    },
    { connections: 2 },
  )
  const calls = [1, 2, 3, 4].map(() => send(pool).sink)
  for (const sink of calls) await sink.over
  assert.deepEqual(
    calls.map(({ outcome }) => outcome),
    ['unreachable', 'unreachable', 'answered', 'answered'],
  )
  assert.equal(sockets.length, 4)
})

test('a line that is full says that the backend is overloaded', async () => {
  const { pool } = openPool((socket) => socket.removeAllListeners())
  const calls = Array.from({ length: 16_384 }, () => send(pool))
  const late = send(pool)
  assert.equal(late.sink.outcome, 'overloaded')
  for (const { call } of calls) call.abort()
  assert.equal(send(pool).sink.outcome, 'none')
})

test('a connection is given up a second before the server says it would', async () => {
  for (const [hint, kept] of [
    ['timeout=2', true],
    ['timeout=1', false],
    ['max=5, timeout=1', false],
    ['max=5', true],
    ['timeout=x', false],
  ] as const) {
    const answer = Buffer.from(`HTTP/1.1 200 OK\r\nKeep-Alive: ${hint}\r\nContent-Length: 0\r\n\r\n`)
    const { pool, sockets } = openPool((socket) => socket.on('request', () => socket.say(answer)))
    await send(pool).sink.over
    assert.equal(sockets[0]!.destroyed, !kept, hint)
    await pool.close()
  }
})
