import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type ChildGateway, NO_PROC, startChildGateway } from '../e2e/child-gateway.ts'
import { readMetrics, until } from '../e2e/observe.ts'
import {
  configFor,
  type FunctionSide,
  frame,
  handshake,
  openSocket,
  startSocketFunction,
} from '../e2e/websocket-sides.ts'

/** K06 of the checklist: what a gateway holds of a WebSocket of which one side does not read. */
const MOST_GROWTH_BYTES = 16 << 20
/** What the kernel may hold of a stalled stream, in all buffers on the way. */
const MOST_UNDERWAY_BYTES = 48 << 20
const STALL_MS = 2000

/** A frame of a function: as a client's, without the mask. */
function unmasked(opcode: number, payload: Buffer): Buffer {
  const masked = frame(opcode, payload)
  const head = masked.length - payload.length - 4
  masked[1]! &= 0x7f
  return Buffer.concat([masked.subarray(0, head), payload])
}

interface Stage {
  readonly gateway: ChildGateway
  readonly client: net.Socket
  readonly there: FunctionSide
}

async function start(t: TestContext): Promise<Stage> {
  const fn = await startSocketFunction(t, { answers: false, maxPayload: 1 << 20 })
  const gateway = await startChildGateway(t, configFor(fn.url))
  // What is compiled and allocated once is not what a stalled side costs.
  for (let i = 0; i < 20; i++) {
    const warm = await openSocket(t, gateway.port)
    for (let j = 0; j < 20; j++) warm.socket.send(Buffer.alloc(60_000))
    await (await fn.opened(i)).heard(20)
    for (let j = 0; j < 20; j++) fn.sides[i]!.socket.send(Buffer.alloc(60_000))
    await warm.heard(20)
    for (let j = 0; j < 5000; j++) warm.socket.pong(PONG)
    for (let j = 0; j < 5000; j++) fn.sides[i]!.socket.pong(PONG)
    await until(() => warm.pongs.length === 5000 && fn.sides[i]!.pongs.length === 5000, 'all arrive')
    warm.socket.close()
    await warm.end()
  }
  const client = net.connect(gateway.port, '127.0.0.1')
  client.on('error', () => {})
  t.after(() => client.destroy())
  client.write(handshake('/'))
  await once(client, 'data')
  const there = await fn.opened(20)
  // It would keep what it hears.
  there.socket.removeAllListeners('message')
  there.socket.removeAllListeners('pong')
  return { gateway, client, there }
}

/** Writes so many bytes in pieces as fast as they are taken. */
function pour(socket: net.Socket, piece: Buffer, bytes: number): { sent: number } {
  const counter = { sent: 0 }
  const next = (): void => {
    while (counter.sent < bytes && !socket.destroyed) {
      counter.sent += piece.length
      if (socket.write(piece)) continue
      socket.once('drain', next)
      return
    }
  }
  next()
  return counter
}

interface Flood {
  readonly from: net.Socket
  /** Does not read at first. */
  readonly to: net.Socket
  readonly piece: Buffer
  readonly bytes: number
}

/** The first flood shows what a busy heap takes anyway; the second what stalled frames take. */
async function floodTwice(t: TestContext, gateway: ChildGateway, flood: Flood): Promise<void> {
  await stalled(gateway, flood)
  const { grown, sent } = await stalled(gateway, flood)
  judge(t, grown, sent)
  const { samples } = await readMetrics(gateway)
  assert.equal(samples.find(({ name }) => name === 'dispatch_unhandled_rejections_total')!.value, 0)
}

async function stalled(
  gateway: ChildGateway,
  { from, to, piece, bytes }: Flood,
): Promise<{ readonly grown: number; readonly sent: number }> {
  const before = to.bytesRead
  to.pause()
  const poured = pour(from, piece, bytes)
  const grown = await growthWhile(gateway)
  const { sent } = poured
  to.resume()
  const all = () => poured.sent >= bytes && to.bytesRead - before >= poured.sent
  await until(all, 'everything arrives', 60_000)
  return { grown, sent }
}

/** How much memory grew at most while the stall lasted. */
async function growthWhile(gateway: ChildGateway): Promise<number> {
  const before = gateway.residentBytes()
  let most = before
  for (let passed = 0; passed < STALL_MS; passed += 50) {
    await pause(50)
    most = Math.max(most, gateway.residentBytes())
  }
  return most - before
}

function judge(t: TestContext, grownBytes: number, sentBytes: number): void {
  const mega = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`
  t.diagnostic(`${mega(sentBytes)} underway, memory grew by ${mega(grownBytes)}`)
  assert.ok(grownBytes <= MOST_GROWTH_BYTES, `memory grew by ${grownBytes} bytes`)
  assert.ok(sentBytes <= MOST_UNDERWAY_BYTES, `${sentBytes} bytes were taken although nobody read`)
}

const MESSAGES = Buffer.alloc(60_000, 'm')
/** Frames of a few bytes cost the most for each of them. Nobody has to answer a pong. */
const PONG = Buffer.alloc(20, 'p')
const many = (one: Buffer): Buffer => Buffer.concat(Array(2000).fill(one))

const KINDS = [
  { what: 'messages', poured: 60_000_000, clients: frame(2, MESSAGES), functions: unmasked(2, MESSAGES) },
  { what: 'pongs', poured: 20_000_000, clients: many(frame(10, PONG)), functions: many(unmasked(10, PONG)) },
] as const

for (const { what, poured, clients, functions } of KINDS) {
  const megabytes = poured / 1e6

  test(`${megabytes} MB of ${what} to a client that does not read: the function is held back, and goes on`, {
    skip: NO_PROC,
  }, async (t) => {
    const { gateway, client, there } = await start(t)
    await floodTwice(t, gateway, { from: there.connection, to: client, piece: functions, bytes: poured })
  })

  test(`${megabytes} MB of ${what} to a function that does not read: the client is held back, and goes on`, {
    skip: NO_PROC,
  }, async (t) => {
    const { gateway, client, there } = await start(t)
    client.resume()
    await floodTwice(t, gateway, { from: client, to: there.connection, piece: clients, bytes: poured })
  })
}
