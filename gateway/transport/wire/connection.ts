import type { Socket } from 'node:net'
import type { HeaderList } from '../../contract/headers.ts'
import type { Starter } from '../../contract/turns.ts'
import { describe } from '../upstream-failure.ts'
import { type AnswerListener, AnswerReader } from './answer-reader.ts'
import type { Dialer } from './dialer.ts'
import type { Pool } from './pool.ts'
import type { WireCall } from './wire-call.ts'

/** A body up to this size leaves as one string with its head: a gathered write costs twice as much. */
const MOST_JOINED_BYTES = 16_384

/** A connection is given up so long before the server says that it would close it. */
const HINT_MARGIN_MS = 1000

const OPENING = 0
const IDLE = 1
/** Has a call whose request is not written yet. */
const ASSIGNED = 2
const BUSY = 3
const CLOSED = 4

/** One connection, and the call that it serves. Whatever arrives while it serves none ends it. */
export class Connection implements AnswerListener, Starter {
  releasedIn = -1
  /** Time of `performance.now()` after which it is not used any more. */
  usableUntil = 0
  readonly #pool: Pool
  readonly #socket: Socket
  readonly #reader: AnswerReader = new AnswerReader(this)
  #call: WireCall | null = null
  #state = OPENING
  #connecting: NodeJS.Timeout | null

  /** @throws Error When the system refuses to try. */
  constructor(pool: Pool, dialer: Dialer, connectTimeoutMs: number) {
    this.#pool = pool
    this.#socket = dialer
      .dial((length, bytes) => this.#read(bytes as Buffer, length))
      .on(dialer.ready, () => this.#opened())
      .on('drain', () => this.#call?.sender?.drained())
      .on('end', () => this.#ended())
      .on('error', (error) => this.#broken(describe(error)))
      .on('close', () => this.#broken('the connection was closed'))
    this.#connecting = setTimeout(onSlow, connectTimeoutMs, this, connectTimeoutMs)
  }

  /** Milliseconds that it may be idle, as the last answer has it. */
  keepMs(mostMs: number): number {
    const hint = this.#reader.timeoutHintMs
    return hint < 0 ? mostMs : Math.min(mostMs, hint - HINT_MARGIN_MS)
  }

  assign(call: WireCall): void {
    this.#call = call
    this.#state = ASSIGNED
    call.connection = this
  }

  /** Writes the request of its call, if it still has one. */
  begin(): void {
    const call = this.#call
    if (this.#state !== ASSIGNED || call === null) return
    this.#state = BUSY
    this.#reader.begin(call.request.method === 'HEAD')
    this.#write(call)
    if (call.paused) this.#socket.pause()
    call.sender?.begin(this.#socket)
  }

  pause(call: WireCall): void {
    if (call === this.#call && this.#state === BUSY) this.#socket.pause()
  }

  resume(call: WireCall): void {
    if (call === this.#call && this.#state === BUSY) this.#socket.resume()
  }

  /** Its call has left: the connection is cut, unless nothing of the request was written. */
  drop(call: WireCall): void {
    if (call !== this.#call) return
    this.#call = null
    if (this.#state !== ASSIGNED) {
      this.close()
      return
    }
    this.#state = IDLE
    this.#pool.giveBack(this)
  }

  /** At once, and without a word to the call. */
  close(): void {
    if (this.#state === CLOSED) return
    this.#state = CLOSED
    this.#call = null
    this.#reader.stop()
    if (this.#connecting !== null) clearTimeout(this.#connecting)
    this.#socket.destroy()
    this.#pool.lost(this)
  }

  answerHead(status: number, headers: HeaderList): void {
    this.#call?.sink.head(status, headers)
  }

  answerData(bytes: Buffer, from: number, to: number): void {
    const piece = Buffer.allocUnsafe(to - from)
    bytes.copy(piece, 0, from, to)
    this.#call?.sink.data(piece)
  }

  slow(timeoutMs: number): void {
    this.#broken(`no connection within ${timeoutMs} ms`)
  }

  #opened(): void {
    if (this.#state !== OPENING) return
    if (this.#connecting !== null) clearTimeout(this.#connecting)
    this.#connecting = null
    this.#state = IDLE
    this.#pool.opened(this)
  }

  #write(call: WireCall): void {
    const { body } = call.request
    const socket = this.#socket
    if (!Buffer.isBuffer(body)) {
      socket.write(call.head, 'latin1')
    } else if (body.length <= MOST_JOINED_BYTES) {
      socket.write(call.head + body.toString('latin1'), 'latin1')
    } else {
      socket.cork()
      socket.write(call.head, 'latin1')
      socket.write(body)
      socket.uncork()
    }
  }

  /** False would stop the reading. */
  #read(bytes: Buffer, length: number): boolean {
    const call = this.#call
    if (this.#state !== BUSY || call === null) {
      this.#broken('the server said something that nobody asked for')
      return true
    }
    let end = 0
    try {
      end = this.#reader.read(bytes, 0, length)
    } catch (error) {
      call.fail('driver-error', describe(error))
    }
    if (this.#call !== call) return true
    if (this.#reader.problem !== '') call.fail('malformed', this.#reader.problem)
    else if (this.#reader.done) this.#finish(call, end < length)
    return true
  }

  /** @param excess The server said more than the answer. */
  #finish(call: WireCall, excess: boolean): void {
    const { sender } = call
    const sent = (sender === null || sender.done) && this.#socket.writableLength === 0
    if (sent && !excess && call.keepsConnection && this.#reader.persistent) {
      if (call.paused) this.#socket.resume()
      this.#call = null
      this.#state = IDLE
      this.#pool.release(this)
    } else {
      this.close()
    }
    call.end()
  }

  #ended(): void {
    const call = this.#call
    if (this.#state === BUSY && call !== null && this.#reader.finish()) this.#finish(call, false)
    else this.#broken('the server ended the connection')
  }

  /** A call whose request was not written yet has lost nothing: it takes another connection. */
  #broken(detail: string): void {
    const state = this.#state
    const call = this.#call
    if (state === CLOSED) return
    this.close()
    if (state === OPENING) this.#pool.failed(detail)
    else if (state === ASSIGNED && call !== null) this.#pool.again(call)
    else if (call !== null) call.fail('reset', detail)
  }
}

function onSlow(connection: Connection, timeoutMs: number): void {
  connection.slow(timeoutMs)
}
