import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type net from 'node:net'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { TestAttempt } from '../conformance/driver/test-attempt.ts'
import { facts } from './deployment-facts.ts'
import { payloadChunk } from './lambda-frames.ts'
import { INVOKERS, RawPlatform, reset } from './raw-platform.ts'

const MEBIBYTE = 1024 * 1024
/** What may be on its way in buffers of the system, and the most that a driver reads of an answer. */
const BOUND = 40 * MEBIBYTE

/** Writes as much as is taken, up to a bound far above what anybody may take. */
class Flood {
  written = 0
  readonly #piece: Buffer

  constructor(piece: Buffer) {
    this.#piece = piece
  }

  into(socket: net.Socket): void {
    const fill = () => {
      while (!socket.destroyed && this.written < 4 * BOUND) {
        this.written += this.#piece.length
        if (!socket.write(this.#piece)) return
      }
    }
    socket.on('drain', fill)
    fill()
  }

  /** Bytes written once nothing is taken any more. */
  async standstill(): Promise<number> {
    for (let before = 0; before === 0 || before !== this.written; await delay(100)) before = this.written
    return this.written
  }
}

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'

const CUTS: Readonly<Record<string, (socket: net.Socket) => void>> = {
  'F03 in a body with a length, by FIN': (socket) => socket.end(`${HEAD}content-length: 100\r\n\r\n{"a":`),
  'F03 in a body with a length, by RST': (socket) =>
    socket.write(`${HEAD}content-length: 100\r\n\r\n{"a":`, () => reset(socket)),
  'F04 between chunks': (socket) => socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n`),
}

for (const name of Object.keys(INVOKERS)) {
  for (const [how, cut] of Object.entries(CUTS)) {
    test(`${name}: an answer that the platform cuts, ${how}, never ends as if it were whole`, async (t) => {
      const invoker = await new RawPlatform(cut).open(t, name)
      const attempt = await new TestAttempt(facts('kit'), { method: 'POST', path: '/' }).run(invoker).over()
      assert.ok(attempt.outcome === 'reset' || attempt.outcome === 'malformed', attempt.summary())
      assert.ok(attempt.received <= 5)
      assert.deepEqual(attempt.offences, [])
    })
  }

  test(`${name}: F11 F23 who leaves a platform that says nothing closes the connection at once`, async (t) => {
    const platform = new RawPlatform(() => {})
    const invoker = await platform.open(t, name)
    const asked = { method: 'POST', path: '/', body: Buffer.from('{}') }
    const attempt = new TestAttempt(facts('kit'), asked).run(invoker)
    const connection = await platform.connection()
    await delay(20)
    const closed = once(connection, 'close')
    const leftAt = performance.now()
    attempt.abort()
    await closed
    assert.ok(performance.now() - leftAt < 1000)
    assert.deepEqual([attempt.outcome, attempt.offences], [null, []])
  })

  test(`${name}: F24 what is left in the middle of its upload is never a whole request`, async (t) => {
    let bytes = ''
    const platform = new RawPlatform((socket) => socket.on('data', (chunk) => (bytes += chunk.toString())))
    const invoker = await platform.open(t, name)
    const body = new PassThrough()
    const asked = { method: 'POST', path: '/', body }
    const attempt = new TestAttempt(facts('kit'), asked).run(invoker)
    body.write('half')
    await delay(50)
    attempt.abort()
    // Those that take a body whole have not even connected.
    for (const connection of platform.connections) if (!connection.closed) await once(connection, 'close')
    assert.doesNotMatch(bytes, /\r\n0\r\n/, 'the last chunk')
    assert.deepEqual([attempt.outcome, attempt.offences], [null, []])
  })

  test(`${name}: F25 an answer without end that nobody takes is not read without end`, async (t) => {
    const piece = Buffer.alloc(64 * 1024, 'x')
    const flood = new Flood(name === 'lambda, streaming' ? payloadChunk(piece) : piece)
    const platform = new RawPlatform((socket) => {
      socket.write(`${HEAD}\r\n`)
      flood.into(socket)
    })
    const invoker = await platform.open(t, name)
    const attempt = new TestAttempt(facts('kit'), { method: 'POST', path: '/' })
    attempt.onData = () => attempt.flow!.pause()
    attempt.run(invoker)
    assert.ok((await flood.standstill()) < BOUND, `${flood.written} bytes`)
    // Those that need an answer whole have given up on one that is too long.
    assert.equal(attempt.outcome === null, attempt.received > 0, attempt.summary())
    if (name === 'lambda, streaming') assert.equal(attempt.outcome, null)
    attempt.abort()
    assert.deepEqual(attempt.offences, [])
  })

  test(`${name}: K06 a WebSocket that nobody reads is not read without end`, async (t) => {
    // Frames of text, 64 KiB each.
    const flood = new Flood(Buffer.concat([Buffer.from([0x81, 126, 0xff, 0xfc]), Buffer.alloc(0xfffc, 'x')]))
    const platform = new RawPlatform((socket, request) => {
      const key = /^sec-websocket-key: (.*)$/im.exec(request)![1]!.trim()
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
      )
      flood.into(socket)
    })
    const invoker = await platform.open(t, name)
    if (invoker.upgrade === undefined) {
      t.skip('the driver opens no WebSockets')
      return
    }
    const attempt = new TestAttempt(facts('kit'), { path: '/' }).upgrade(invoker)
    await attempt.until(({ connection }) => connection !== null, 'the WebSocket')
    assert.ok((await flood.standstill()) < BOUND, `${flood.written} bytes`)
    attempt.abort()
    assert.deepEqual(attempt.offences, [])
  })
}
