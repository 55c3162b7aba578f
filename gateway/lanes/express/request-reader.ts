import type { Socket } from 'node:net'
import type { ErrorCode } from '../../contract/errors.ts'
import type { HandoverReason } from '../../contract/handover-reason.ts'
import { BodyFraming } from './body-framing.ts'
import type { ExpressExchange } from './express-exchange.ts'
import { HeldBytes } from './held-bytes.ts'
import { RepeatedHead } from './repeated-head.ts'
import { head, readHead } from './request-head.ts'

/** Pieces in which a head may come. */
const MOST_PIECES = 16
/** Bytes behind the last request of a connection that are read and dropped, to learn that the client leaves. */
const MOST_DROPPED_BYTES = 65_536
/** The rest of the bytes is held or dropped. */
const STOP = -1

/** Hears what the bytes of a connection are. */
export interface RequestListener {
  /** Nothing behind the last request is read as one. */
  readonly ended: boolean
  /** What comes is for the standard lane. */
  readonly leaving: boolean
  /** A request begins: `head` holds it. */
  request(): void
  notForThisLane(reason: HandoverReason): void
  bodyRead(): void
  fault(code: ErrorCode): void
}

/** Reads the requests in the bytes of a connection, one after the other, as far as somebody takes them. */
export class RequestReader {
  readonly #socket: Socket
  readonly #listener: RequestListener
  readonly #mostHeadBytes: number
  readonly #before: RepeatedHead
  #framing: BodyFraming | null
  /** Whose body is arriving. */
  bodyOf: ExpressExchange | null
  /** The beginning of a head. */
  #partial: Buffer | null
  #pieces: number
  #held: HeldBytes | null
  #reading: boolean
  #resuming: boolean
  #paused: boolean
  #dropped: number

  constructor(socket: Socket, listener: RequestListener, mostHeadBytes: number) {
    this.#socket = socket
    this.#listener = listener
    this.#mostHeadBytes = mostHeadBytes
    this.#before = new RepeatedHead()
    this.#framing = null
    this.bodyOf = null
    this.#partial = null
    this.#pieces = 0
    this.#held = null
    this.#reading = false
    this.#resuming = false
    this.#paused = false
    this.#dropped = 0
  }

  /** A request has begun and is not whole. */
  get inHead(): boolean {
    return this.#partial !== null
  }

  read(bytes: Buffer): void {
    if (this.#held === null) this.#take(bytes)
    else this.#hold(bytes)
  }

  /** The body of this request comes next. @param length Bytes, -1 for chunks. */
  expectBody(exchange: ExpressExchange, length: number): void {
    this.#framing ??= new BodyFraming(this.#mostHeadBytes)
    this.#framing.begin(length)
    this.bodyOf = exchange
  }

  /** What stopped the reading is over. It goes on when the caller has returned. */
  resume(): void {
    if (this.#reading || this.#resuming || (this.#held === null && !this.#paused)) return
    this.#resuming = true
    process.nextTick(resume, this)
  }

  resumed(): void {
    this.#resuming = false
    const held = this.#held
    this.#held = null
    if (this.#socket.destroyed) return
    for (const piece of held?.pieces() ?? []) this.read(piece)
    if (!this.#paused || this.isFull || this.#listener.leaving) return
    this.#paused = false
    this.#socket.resume()
  }

  get isFull(): boolean {
    return this.#held?.full === true
  }

  /** What was read and is nobody's. */
  unread(): Buffer {
    return this.#held?.whole() ?? Buffer.alloc(0)
  }

  pause(): void {
    this.#paused = true
    this.#socket.pause()
  }

  #take(chunk: Buffer): void {
    const bytes = this.#partial === null ? chunk : Buffer.concat([this.#partial, chunk])
    this.#partial = null
    this.#reading = true
    try {
      for (let at = 0; at < bytes.length && at !== STOP; ) {
        at = this.bodyOf === null ? this.#readHead(bytes, at) : this.#readBody(bytes, at, this.bodyOf)
      }
    } catch (error) {
      // Where the next request begins is not known any more.
      this.#socket.destroy()
      throw error
    } finally {
      this.#reading = false
    }
  }

  #readHead(bytes: Buffer, from: number): number {
    if (this.#listener.ended) return this.#drop(bytes.length - from)
    if (this.#listener.leaving) return this.#hold(bytes.subarray(from))
    const verdict = readHead(bytes, from, this.#before)
    if (verdict === 'read') {
      const { end } = head
      this.#pieces = 0
      this.#listener.request()
      return end
    }
    const size = bytes.length - from
    if (verdict === 'partial' && size <= this.#mostHeadBytes && ++this.#pieces <= MOST_PIECES) {
      // A copy, because a few bytes would keep all that was read with them.
      this.#partial = from === 0 ? bytes : Buffer.from(bytes.subarray(from))
      return STOP
    }
    this.#hold(bytes.subarray(from))
    this.#listener.notForThisLane(verdict === 'partial' ? 'size' : verdict)
    return STOP
  }

  #readBody(bytes: Buffer, from: number, exchange: ExpressExchange): number {
    const framing = this.#framing!
    const at = framing.read(bytes, from, exchange)
    if (framing.fault !== null) {
      this.#listener.fault(framing.fault)
      return STOP
    }
    if (framing.done) {
      this.bodyOf = null
      this.#listener.bodyRead()
      return at
    }
    return at < bytes.length ? this.#hold(bytes.subarray(at)) : at
  }

  #hold(bytes: Buffer): number {
    this.#held ??= new HeldBytes()
    this.#held.add(bytes)
    if (this.#held.full && !this.#paused) this.pause()
    return STOP
  }

  #drop(bytes: number): number {
    this.#dropped += bytes
    if (this.#dropped > MOST_DROPPED_BYTES && !this.#paused) this.pause()
    return STOP
  }
}

function resume(reader: RequestReader): void {
  reader.resumed()
}
