import type { Readable } from 'node:stream'
import type { Exchange, ExchangeListener } from '../../contract/lane.ts'
import { AnswerBytes } from './answer-bytes.ts'
import { headText, said } from './answer-text.ts'
import type { BodyTaker } from './body-framing.ts'
import type { ExpressConnection } from './express-connection.ts'
import { head } from './request-head.ts'
import { StreamedBody } from './streamed-body.ts'

/** Bytes that an answered request may still send before its connection is cut. */
const LINGER_BYTES = 1 << 20

/** One request and its answer on an express connection. */
export class ExpressExchange implements Exchange, BodyTaker {
  readonly method: string
  readonly target: string
  readonly rawHeaders: readonly string[]
  readonly peerAddress: string
  readonly peerPort: number
  readonly peerCertified: boolean
  readonly encrypted: boolean
  readonly httpMinor: number
  bytesIn: number
  bodyComplete: boolean
  readonly #connection: ExpressConnection
  readonly #bytes: AnswerBytes
  #listener: ExchangeListener | null
  #body: StreamedBody | null
  /** Pieces of a body that is read whole. */
  #pieces: Buffer[] | null
  /** Bytes that are still drained of a body that nobody wants, -1 while somebody may. */
  #linger: number
  /** The connection ends after this answer. */
  #last: boolean
  #hasBody: boolean
  /** Length that the head of the answer declared, -1 for none, and the bytes that came so far. */
  #declared: number
  #bytesOut: number
  #chunked: boolean
  answering: boolean
  /** The whole answer is known. */
  answered: boolean
  /** The whole answer is handed to the connection, or waits for its turn there. */
  written: boolean

  /** Takes what `head` holds. */
  constructor(connection: ExpressConnection) {
    this.#connection = connection
    this.method = head.method
    this.target = head.target
    this.rawHeaders = head.rawHeaders
    this.peerAddress = connection.peerAddress
    this.peerPort = connection.peerPort
    this.peerCertified = connection.peerCertified
    this.encrypted = connection.encrypted
    this.httpMinor = 1
    this.bytesIn = 0
    this.bodyComplete = head.bodyLength === 0
    this.#bytes = new AnswerBytes(this, connection)
    this.#listener = null
    this.#body = null
    this.#pieces = null
    this.#linger = -1
    this.#last = head.close
    this.#hasBody = head.method !== 'HEAD'
    this.#declared = -1
    this.#bytesOut = 0
    this.#chunked = false
    this.answering = false
    this.answered = false
    this.written = false
  }

  get bodyTouched(): boolean {
    return this.bytesIn > 0
  }

  get awaitsClient(): boolean {
    return !this.bodyComplete && (this.#body === null || this.#body.hungry)
  }

  /** The connection ends after this answer. */
  get last(): boolean {
    return this.#last
  }

  listen(listener: ExchangeListener): void {
    this.#listener = listener
  }

  /** Whoever expects that is served by the standard lane. */
  continueBody(): void {}

  readBody(): void {
    this.#pieces = []
    this.#connection.resumeReading()
  }

  streamBody(limitBytes: number): Readable {
    this.#body = new StreamedBody(this, limitBytes)
    return this.#body
  }

  /** The reader of the streamed body takes more. */
  bodyWanted(): void {
    this.#connection.resumeReading()
  }

  get wantsBody(): boolean {
    if (this.#linger >= 0 || this.#pieces !== null) return true
    return this.#body !== null && !this.#body.full
  }

  bodyPiece(piece: Buffer): void {
    if (this.#linger >= 0) {
      this.#linger -= piece.length
      if (this.#linger < 0) this.#connection.cut()
      return
    }
    this.bytesIn += piece.length
    this.#listener?.moved()
    if (this.#pieces !== null) this.#pieces.push(piece)
    else if (this.#body?.feed(piece) === false) this.#listener?.bodyTooLarge()
  }

  bodyEnd(trailersRefused: boolean): void {
    this.bodyComplete = true
    const pieces = this.#pieces
    if (this.#linger >= 0) {
      // To Node's parser they may end the connection: what follows is not surely a request.
      if (trailersRefused) this.#connection.fault('GW_BAD_REQUEST')
      return
    }
    if (pieces !== null) {
      this.#pieces = null
      this.#listener?.bodyRead(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces))
    } else if (this.#body !== null && !this.#body.destroyed) {
      if (trailersRefused) {
        this.#body.destroy()
        this.#listener?.trailersRefused()
      } else this.#body.finish()
    }
  }

  head(status: number, headers: string[]): void {
    this.#takeHead(status, headers)
    this.#bytes.afterTurn()
  }

  #takeHead(status: number, headers: string[]): void {
    const text = headText(status, headers, !this.#hasBody, this.#last, this.#connection.endings)
    if (status === 204 || status === 304) this.#hasBody = false
    this.#declared = said.length
    this.#chunked = said.chunked
    if (said.close) this.#end()
    this.answering = true
    this.#bytes.add(text)
  }

  write(chunk: Buffer): boolean {
    this.#bytesOut += chunk.length
    if (this.#declared >= 0 && this.#bytesOut > this.#declared)
      throw new Error('the answer is longer than declared')
    if (!this.#hasBody || chunk.length === 0) return true
    return this.#bytes.addPiece(chunk, this.#chunked)
  }

  end(): void {
    if (this.#bytesOut < this.#declared && this.#hasBody)
      throw new Error('the answer is shorter than declared')
    if (this.#chunked) this.#bytes.add('0\r\n\r\n')
    this.#finish()
  }

  respond(status: number, headers: string[], body: string | Buffer): void {
    if (status !== 204) headers.push('content-length', String(Buffer.byteLength(body)))
    this.#takeHead(status, headers)
    if (this.#hasBody) this.#bytes.addBody(body)
    this.#finish()
  }

  /** What is left of the body is drained within bounds, so that the client gets to read the answer. */
  #finish(): void {
    this.answered = true
    if (!this.bodyComplete) {
      // What is still sent may cut the connection in this very turn.
      this.#bytes.flush()
      this.#body?.destroy()
      this.#pieces = null
      this.#linger = LINGER_BYTES
      this.#connection.linger()
    }
    this.#bytes.afterTurn()
  }

  destroy(): void {
    this.#connection.cut()
  }

  closeAfter(): void {
    // Requests that are here already get their answers: the last of them says it.
    if (!this.#connection.isLatest(this)) return
    this.#end()
  }

  #end(): void {
    this.#last = true
    this.#connection.ended = true
  }

  /** It has its turn on the wire. */
  yourTurn(): void {
    if (this.#bytes.yourTurn()) this.drained()
  }

  drained(): void {
    if (!this.answered) this.#listener?.drained()
  }

  finished(): void {
    this.#listener?.finished()
  }

  /** The client has left, or the rest of the request turned out to be no HTTP: nobody will hear of it again. */
  breakOff(): void {
    this.#body?.destroy()
    this.#listener?.clientGone()
  }
}
