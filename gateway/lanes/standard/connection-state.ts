import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { sayLast } from '../say-last.ts'

/**
 * Requests that a client may send on one connection before the first is answered. One that sends more gets those
 * answered and is then told to slow down: each of them is a running call, and connections are what is bounded.
 */
const MOST_PIPELINED = 100

/** What a connection must know of the requests on it. */
export interface OpenExchange {
  readonly bodyComplete: boolean
  readonly answering: boolean
  breakOff(): void
}

/** What the lane keeps for each client connection. */
export class ConnectionState {
  /** IPv4 addresses come without the `::ffff:` of a dual-stack socket. */
  readonly peerAddress: string
  readonly peerPort: number
  readonly peerCertified: boolean
  readonly encrypted: boolean
  /** The last request of this connection is known: whatever comes behind it is not read as one. */
  ended = false
  readonly #socket: Socket
  /** Requests that are not answered yet, in order. */
  readonly #open: OpenExchange[] = []
  #latest: OpenExchange | null = null
  /** Raw answer to bytes that are no request; sent when the requests before them are answered. */
  #lastWord: string | null = null

  constructor(socket: Socket) {
    this.#socket = socket
    this.peerAddress = withoutMapping(socket.remoteAddress ?? '')
    this.peerPort = socket.remotePort ?? 0
    this.peerCertified = (socket as Partial<TLSSocket>).authorized === true
    this.encrypted = (socket as Partial<TLSSocket>).encrypted === true
    // Node tells only the request whose turn it is that the client has left, not those that wait behind it.
    socket.on('close', () => {
      for (const exchange of this.#open.splice(0)) exchange.breakOff()
    })
  }

  /** True when no request on this connection waits for its answer. */
  get idle(): boolean {
    return this.#open.length === 0
  }

  /** True when so many requests wait for their answers that no further one is taken. */
  get full(): boolean {
    return this.#open.length >= MOST_PIPELINED
  }

  /** True for the request behind which none has come. */
  isLatest(exchange: OpenExchange): boolean {
    return this.#latest === exchange
  }

  opened(exchange: OpenExchange): void {
    this.#open.push(exchange)
    this.#latest = exchange
  }

  closed(exchange: OpenExchange): void {
    if (this.#open.length === 1 && this.#open[0] === exchange) this.#open.pop()
    else this.#forget(exchange)
    if (this.#lastWord !== null && this.#open.length === 0) sayLast(this.#socket, this.#lastWord)
  }

  /**
   * The parser gave up on this connection. Requests that arrived whole before get their answers first; one whose body
   * broke is broken off. Nothing is said when that one has its answer already: the peer would take a second one for
   * the answer to its next request.
   *
   * @param answer A whole answer as it goes onto the wire.
   */
  broken(answer: string): void {
    if (this.#lastWord !== null) return
    this.ended = true
    this.#lastWord = answer
    const last = this.#latest
    if (last !== null && !last.bodyComplete) {
      if (last.answering) this.#lastWord = ''
      if (this.#open.at(-1) === last) {
        this.#open.pop()
        last.breakOff()
      }
    }
    if (this.#open.length === 0) sayLast(this.#socket, this.#lastWord)
  }

  #forget(exchange: OpenExchange): void {
    const at = this.#open.indexOf(exchange)
    if (at >= 0) this.#open.splice(at, 1)
  }
}

const STATE = Symbol('dispatch.connection')

/** The state of a connection, made when its first request, or its first fault, arrives. */
export function connectionState(socket: Socket): ConnectionState {
  const holder = socket as Socket & { [STATE]?: ConnectionState }
  holder[STATE] ??= new ConnectionState(socket)
  return holder[STATE]
}

/** An IPv4 address without the `::ffff:` that a dual-stack socket puts before it. */
export function withoutMapping(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
}
