import { type IncomingMessage, ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http'
import type { Socket } from 'node:net'
import { type Duplex, Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Exchange, ExchangeListener } from '../../../contract/lane.ts'
import type { Relay, RelayEnd, RelayListener, Upgrade } from '../../../contract/web-socket.ts'
import { type ConnectionState, connectionState } from '../connection-state.ts'
import { lingerThenClose } from '../linger.ts'
import type { WebSocketBridge } from './web-socket-bridge.ts'
import { WebSocketRelay } from './web-socket-relay.ts'

/** Bytes behind the head that are kept until the function has agreed; a client that sends more is not read further. */
const MOST_EARLY_BYTES = 65_536

/**
 * A request for a WebSocket. Node's parser has let go of the connection: it ends with the answer, unless the function
 * agrees and frames follow.
 */
export class UpgradeExchange implements Exchange, Upgrade, RelayListener {
  readonly method: string
  readonly target: string
  readonly rawHeaders: readonly string[]
  readonly peerAddress: string
  readonly peerPort: number
  readonly peerCertified: boolean
  readonly encrypted: boolean
  readonly httpMinor: number
  readonly upgrade: Upgrade
  readonly bodyTouched = false
  readonly bodyComplete = true
  readonly awaitsClient = false
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  readonly #bridge: WebSocketBridge
  readonly #socket: Socket
  readonly #response: ServerResponse
  readonly #connection: ConnectionState
  #listener: ExchangeListener | null = null
  #relayListener: RelayListener | null = null
  #relay: Relay | null = null
  #early: Buffer[] = []
  #earlyBytes = 0

  /** @param target As the client sent it. */
  constructor(request: FastifyRequest, reply: FastifyReply, target: string, bridge: WebSocketBridge) {
    const { raw } = request
    const { socket } = raw
    this.#request = request
    this.#reply = reply
    this.#bridge = bridge
    this.#socket = socket
    this.#connection = connectionState(socket)
    this.method = raw.method ?? ''
    this.target = target
    this.rawHeaders = raw.rawHeaders
    this.peerAddress = this.#connection.peerAddress
    this.peerPort = this.#connection.peerPort
    this.peerCertified = this.#connection.peerCertified
    this.encrypted = this.#connection.encrypted
    this.httpMinor = raw.httpVersionMinor
    this.upgrade = this
    // The proxy's own response would cut the connection before the client has read the answer.
    reply.raw.detachSocket(socket)
    this.#response = responseOn(socket, raw)
    this.#response.on('finish', () => this.#answered())
    socket.on('error', nothing)
    socket.on('data', this.#keep)
    socket.on('end', this.#left)
    // The response would hear of it from Node's server, which has let go.
    socket.on('drain', this.#drained)
    this.#connection.opened(this)
  }

  get bytesIn(): number {
    return this.#relay?.messageBytesIn ?? 0
  }

  get answering(): boolean {
    return this.#response.headersSent || this.#relay !== null
  }

  listen(listener: ExchangeListener): void {
    this.#listener = listener
  }

  accept(
    connection: Duplex,
    protocol: string | null,
    headers: readonly string[],
    listener: RelayListener,
  ): Relay {
    for (let i = 0; i < headers.length; i += 2) {
      validateHeaderName(headers[i]!)
      validateHeaderValue(headers[i]!, headers[i + 1]!)
    }
    const socket = this.#socket
    this.#response.detachSocket(socket)
    socket.off('data', this.#keep)
    socket.off('end', this.#left)
    socket.off('drain', this.#drained)
    // Until the relay is whole, what comes stays where it is. The proxy puts the bytes behind the head in front.
    socket.pause()
    if (this.#earlyBytes > 0) socket.unshift(Buffer.concat(this.#early))
    this.#early = []
    this.#relayListener = listener
    const relay = new WebSocketRelay(socket, connection, protocol, this)
    this.#relay = relay
    this.#bridge.open(relay, this.#request, this.#reply, headers)
    return relay
  }

  relayEnded(end: RelayEnd, detail: string): void {
    this.#connection.closed(this)
    this.#relayListener?.relayEnded(end, detail)
  }

  head(status: number, headers: string[]): void {
    headers.push('connection', 'close')
    this.#response.writeHead(status, headers)
    this.#response.flushHeaders()
  }

  write(chunk: Buffer): boolean {
    return this.#response.write(chunk)
  }

  end(): void {
    this.#response.end()
  }

  respond(status: number, headers: string[], body: string | Buffer): void {
    if (status !== 204) headers.push('content-length', String(Buffer.byteLength(body)))
    this.head(status, headers)
    this.#response.end(status === 204 ? undefined : body)
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** The connection is closed. */
  breakOff(): void {
    if (this.#relay === null) this.#listener?.clientGone()
  }

  /** There is no body: a request that has one is never taken for an upgrade. */
  readBody(): void {
    this.#listener?.bodyRead(Buffer.alloc(0))
  }

  streamBody(): Readable {
    return Readable.from([])
  }

  continueBody(): void {}

  closeAfter(): void {}

  readonly #keep = (chunk: Buffer): void => {
    this.#early.push(chunk)
    this.#earlyBytes += chunk.length
    if (this.#earlyBytes > MOST_EARLY_BYTES) this.#socket.pause()
  }

  /** A client that ends before it has an answer does not want it. */
  readonly #left = (): void => {
    if (!this.answering) this.#socket.destroy()
  }

  readonly #drained = (): void => {
    this.#listener?.drained()
  }

  #answered(): void {
    const socket = this.#socket
    this.#connection.closed(this)
    this.#early = []
    socket.off('data', this.#keep)
    socket.end()
    lingerThenClose(socket, socket)
    this.#listener?.finished()
  }
}

function responseOn(socket: Socket, request: IncomingMessage): ServerResponse {
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  return response
}

function nothing(): void {}
