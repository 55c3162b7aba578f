import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import type { Exchange, ExchangeListener } from '../../contract/lane.ts'
import { checkBodiless, declaredLength } from './answer-fields.ts'
import { type ConnectionState, connectionState } from './connection-state.ts'
import { flushSoon, hold, onChunk, onChunksEnd, onClose, onDrain } from './exchange-events.ts'
import { lingerThenClose } from './linger.ts'
import { RequestBody } from './request-body.ts'

/** A first piece up to this size is kept for the rest of the turn. */
const MOST_HELD_BYTES = 16_384

/** One request and its answer on Node's HTTP server. */
export class StandardExchange implements Exchange {
  readonly method: string
  readonly target: string
  readonly rawHeaders: readonly string[]
  readonly peerAddress: string
  readonly peerPort: number
  readonly peerCertified: boolean
  readonly encrypted: boolean
  readonly httpMinor: number
  bytesIn: number
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #connection: ConnectionState
  #listener: ExchangeListener | null
  #body: RequestBody | null
  #chunks: Buffer[] | null
  #expectsContinue: boolean
  #watchesDrain: boolean
  #headPending: boolean
  /** First piece of the answer, while its head is not on the wire. */
  #held: Buffer | null
  #last: boolean
  /** Length that the head of the answer declared, -1 for none, and the bytes that came so far. */
  #declared: number
  #written: number
  /** The end of the connection will be the end of the answer. */
  #endsWithConnection: boolean

  /**
   * @param target As the client sent it: `request.url` is rewritten for Fastify's own router.
   * @param expectsContinue The client waits for `100 Continue` before it sends its body.
   */
  constructor(request: IncomingMessage, response: ServerResponse, target: string, expectsContinue: boolean) {
    const { socket } = request
    this.#connection = connectionState(socket)
    this.method = request.method ?? ''
    this.target = target
    this.rawHeaders = request.rawHeaders
    this.peerAddress = this.#connection.peerAddress
    this.peerPort = this.#connection.peerPort
    this.peerCertified = this.#connection.peerCertified
    this.encrypted = this.#connection.encrypted
    this.httpMinor = request.httpVersionMinor
    this.bytesIn = 0
    this.#request = request
    this.#response = response
    this.#listener = null
    this.#body = null
    this.#chunks = null
    this.#expectsContinue = expectsContinue
    this.#watchesDrain = false
    this.#headPending = false
    this.#held = null
    this.#last = false
    this.#declared = -1
    this.#written = 0
    this.#endsWithConnection = false
    // A client of HTTP/1.0 that sends `TE: chunked` would get chunks from Node (RFC 9112, 6.1: never).
    if (this.httpMinor === 0) response.useChunkedEncodingByDefault = false
    hold(response, this)
    response.on('close', onClose)
    this.#connection.opened(this)
  }

  get bodyTouched(): boolean {
    return this.bytesIn > 0
  }

  get bodyComplete(): boolean {
    return this.#request.complete
  }

  get awaitsClient(): boolean {
    return !this.#request.complete && (this.#body === null || this.#body.hungry)
  }

  /** True once bytes of the answer may be on the wire. */
  get answering(): boolean {
    return this.#response.headersSent
  }

  listen(listener: ExchangeListener): void {
    this.#listener = listener
  }

  continueBody(): void {
    if (!this.#expectsContinue) return
    this.#expectsContinue = false
    this.#response.writeContinue()
  }

  readBody(): void {
    this.#chunks = []
    hold(this.#request, this)
    this.#request.on('data', onChunk)
    this.#request.on('end', onChunksEnd)
  }

  streamBody(limitBytes: number): Readable {
    this.#body = new RequestBody(this.#request, limitBytes, this)
    return this.#body
  }

  /** A piece of the body is here. */
  arrived(bytes: number): void {
    this.bytesIn += bytes
    this.#listener?.moved()
  }

  bodyTooLarge(): void {
    this.#listener?.bodyTooLarge()
  }

  trailersRefused(): void {
    this.#listener?.trailersRefused()
  }

  head(status: number, headers: string[]): void {
    if (this.#last) headers.push('connection', 'close')
    this.#declared = declaredLength(headers)
    if (this.httpMinor === 0) this.#endsWithConnection = this.#declared < 0
    checkBodiless(status, headers)
    this.#response.writeHead(status, headers)
    // What follows in the same turn shares one write with the head. In a proxy that does nothing else, writing was
    // half of the CPU time, and a gathered write of head and body twice as dear as one of a single string.
    this.#headPending = true
    flushSoon(this)
  }

  flushHead(): void {
    if (!this.#headPending) return
    this.#headPending = false
    const held = this.#held
    this.#held = null
    if (held === null) this.#response.flushHeaders()
    else this.#write(held)
  }

  write(chunk: Buffer): boolean {
    this.#written += chunk.length
    if (this.#declared >= 0 && this.#written > this.#declared)
      throw new Error('the answer is longer than declared')
    if (this.#headPending) {
      if (this.#held === null && chunk.length <= MOST_HELD_BYTES) {
        this.#held = chunk
        return true
      }
      this.flushHead()
    }
    return this.#write(chunk)
  }

  #write(chunk: Buffer): boolean {
    if (this.#response.write(chunk)) return true
    if (!this.#watchesDrain) {
      this.#watchesDrain = true
      this.#response.on('drain', onDrain)
    }
    return false
  }

  end(): void {
    if (this.#written < this.#declared && this.#hasBody())
      throw new Error('the answer is shorter than declared')
    this.#headPending = false
    if (this.#held === null) this.#response.end()
    else this.#response.end(this.#held.toString('latin1'), 'latin1')
    this.#held = null
    this.#finishBody()
  }

  respond(status: number, headers: string[], body: string | Buffer): void {
    if (status !== 204) headers.push('content-length', String(Buffer.byteLength(body)))
    if (this.#last) headers.push('connection', 'close')
    checkBodiless(status, headers)
    this.#response.statusMessage = ''
    this.#response.writeHead(status, headers)
    this.#response.end(this.method === 'HEAD' || status === 204 ? undefined : body)
    this.#finishBody()
  }

  destroy(): void {
    const { socket } = this.#request
    // A reset tells who reads to the end that this is not whole. Node loses sockets reset while they end.
    if (this.#endsWithConnection && !this.encrypted && !socket.writableEnded) socket.resetAndDestroy()
    else socket.destroy()
  }

  closeAfter(): void {
    // Requests that are here already get their answers: the last of them says it.
    if (!this.#connection.isLatest(this)) return
    this.#last = true
    this.#connection.ended = true
  }

  /** The rest of the request turned out to be no HTTP: nobody will hear of it again. */
  breakOff(): void {
    this.#body?.destroy()
    this.#listener?.clientGone()
  }

  bodyChunk(chunk: Buffer): void {
    this.#chunks?.push(chunk)
    this.arrived(chunk.length)
  }

  bodyEnd(): void {
    const chunks = this.#chunks ?? []
    this.#chunks = null
    this.#listener?.bodyRead(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
  }

  drained(): void {
    this.#listener?.drained()
  }

  closed(): void {
    this.#connection.closed(this)
    if (this.#response.writableFinished) this.#listener?.finished()
    else this.breakOff()
  }

  #hasBody(): boolean {
    const { statusCode } = this.#response
    return this.method !== 'HEAD' && statusCode !== 204 && statusCode !== 304
  }

  /** What is left of the body is drained within bounds, so that the client gets to read the answer. */
  #finishBody(): void {
    // A request without a body is at its end before the parser says that it is complete.
    if (this.#request.complete || this.#request.readableEnded) return
    this.#body?.destroy()
    lingerThenClose(this.#request, this.#request.socket)
  }
}
