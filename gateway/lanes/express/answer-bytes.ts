import { type Gatherer, turns } from '../../contract/turns.ts'
import type { ExpressConnection } from './express-connection.ts'
import type { ExpressExchange } from './express-exchange.ts'

/** Pieces up to this size are joined with what is there and leave as one string. */
const MOST_JOINED_BYTES = 16_384
/** Bytes of an answer that wait for their turn, beyond which its source is held back. */
const MOST_WAITING_BYTES = 65_536

/**
 * The bytes of one answer on their way to the connection: what comes in one turn of the loop leaves in one write, and
 * nothing before it is its turn. In a proxy that does nothing else, writing is half of the CPU time, and a gathered
 * write of head and body twice as dear as one of a single string.
 */
export class AnswerBytes implements Gatherer {
  readonly #exchange: ExpressExchange
  readonly #connection: ExpressConnection
  /** Bytes as characters. */
  #text: string
  /** What waits for its turn, in order; null for nothing. */
  #waiting: (string | Buffer)[] | null
  #waitingBytes: number
  /** The source was told to wait. */
  #held: boolean
  #scheduled: boolean

  constructor(exchange: ExpressExchange, connection: ExpressConnection) {
    this.#exchange = exchange
    this.#connection = connection
    this.#text = ''
    this.#waiting = null
    this.#waitingBytes = 0
    this.#held = false
    this.#scheduled = false
  }

  /** Flushes at the end of this turn of the loop. */
  afterTurn(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    turns.gather(this)
  }

  turnIsOver(): void {
    this.#scheduled = false
    this.flush()
    if (!this.#exchange.answered) return
    this.#exchange.written = true
    this.#connection.answerWritten()
  }

  add(text: string): void {
    this.#text += text
  }

  addBody(body: string | Buffer): void {
    if (typeof body === 'string' && body.length === Buffer.byteLength(body)) this.#text += body
    else this.addPiece(typeof body === 'string' ? Buffer.from(body) : body, false)
  }

  /** @returns False when the client, or its turn, is not there yet. */
  addPiece(piece: Buffer, asChunk: boolean): boolean {
    const size = piece.length
    if (asChunk) this.#text += `${size.toString(16)}\r\n`
    // What follows a head that waits for the end of the turn waits with it.
    if ((this.#scheduled || asChunk) && size + this.#text.length <= MOST_JOINED_BYTES) {
      this.#text += piece.toString('latin1')
      if (asChunk) this.#text += '\r\n'
      return this.#scheduled || this.flush()
    }
    if (this.#text === '') return this.#send(piece)
    this.#connection.cork()
    this.flush()
    let taken = this.#send(piece)
    if (asChunk) taken = this.#send('\r\n')
    this.#connection.uncork()
    return taken
  }

  /** @returns False when the client is slow. */
  flush(): boolean {
    if (this.#text === '') return true
    const text = this.#text
    this.#text = ''
    return this.#send(text)
  }

  #send(bytes: string | Buffer): boolean {
    if (this.#connection.hasTurn(this.#exchange)) {
      if (this.#connection.write(bytes)) return true
    } else {
      this.#waiting ??= []
      this.#waiting.push(bytes)
      this.#waitingBytes += bytes.length
      if (this.#waitingBytes < MOST_WAITING_BYTES) return true
    }
    this.#held = true
    return false
  }

  /** Writes what waited. @returns True when the source was held back and may go on. */
  yourTurn(): boolean {
    const waiting = this.#waiting
    this.#waiting = null
    this.#waitingBytes = 0
    let taken = true
    if (waiting !== null) {
      this.#connection.cork()
      for (const bytes of waiting) taken = this.#connection.write(bytes)
      this.#connection.uncork()
    }
    return this.#held && taken
  }
}
