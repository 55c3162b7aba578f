import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ErrorCode } from '../../contract/errors.ts'
import type { HandoverReason } from '../../contract/handover-reason.ts'
import { sayLast } from '../say-last.ts'
import { rawAnswer } from '../standard/client-fault.ts'
import { withoutMapping } from '../standard/connection-state.ts'
import { AnswerOrder, type OrderListener } from './answer-order.ts'
import type { Endings } from './answer-text.ts'
import type { ConnectionHost } from './connection-host.ts'
import { ConnectionWatch, type Watched } from './connection-watch.ts'
import { ExpressExchange } from './express-exchange.ts'
import { head } from './request-head.ts'
import { type RequestListener, RequestReader } from './request-reader.ts'
import { attach, detach } from './socket-events.ts'

/** How long an answered request may still send its body. */
const LINGER_TICKS = ConnectionWatch.ticksFor(2000)

/** One client connection, from its first byte until it ends or leaves for the standard lane. */
export class ExpressConnection implements Watched, RequestListener, OrderListener {
  readonly peerAddress: string
  readonly peerPort: number
  readonly peerCertified: boolean
  readonly encrypted: boolean
  readonly endings: Endings
  watchedAt: number
  ended: boolean
  readonly #socket: Socket
  readonly #host: ConnectionHost
  readonly #order: AnswerOrder
  readonly #reader: RequestReader
  #handover: HandoverReason | null
  /** Raw answer to bytes that are no request; sent when the requests before them are answered. */
  #lastWord: string | null
  /** No request was on it yet. */
  #fresh: boolean
  /** Tick at which it fell idle, or at which a head began: behind another at the earliest. */
  #since: number
  /** Tick since which the body of an answered request is drained, -1 when none is. */
  #lingersSince: number
  /** How often it was read, and what of that was seen when, for `quietMs`. */
  #reads: number
  #readsSeen: number
  #seenAt: number

  constructor(socket: Socket, host: ConnectionHost) {
    this.peerAddress = withoutMapping(socket.remoteAddress ?? '')
    this.peerPort = socket.remotePort ?? 0
    this.peerCertified = (socket as Partial<TLSSocket>).authorized === true
    this.encrypted = (socket as Partial<TLSSocket>).encrypted === true
    this.endings = host.endings
    this.watchedAt = 0
    this.ended = false
    this.#socket = socket
    this.#host = host
    this.#order = new AnswerOrder(socket, this)
    this.#reader = new RequestReader(socket, this, host.mostHeadBytes)
    this.#handover = null
    this.#lastWord = null
    this.#fresh = true
    this.#since = host.watch.ticks
    this.#lingersSince = -1
    this.#reads = 0
    this.#readsSeen = -1
    this.#seenAt = 0
    attach(socket, this)
  }

  read(bytes: Buffer): void {
    const wasInHead = this.#reader.inHead
    this.#reads++
    this.#reader.read(bytes)
    if (this.#reader.inHead && !wasInHead && !this.#fresh) this.#since = this.#host.watch.ticks
  }

  request(): void {
    this.#fresh = false
    this.#since = this.#host.watch.ticks
    if (this.#order.full) {
      this.fault('GW_RATE_LIMITED')
      return
    }
    const exchange = new ExpressExchange(this)
    if (head.close) this.ended = true
    if (head.bodyLength !== 0) this.#reader.expectBody(exchange, head.bodyLength)
    this.#order.add(exchange)
    this.#host.handle(exchange)
  }

  get leaving(): boolean {
    return this.#handover !== null
  }

  notForThisLane(reason: HandoverReason): void {
    this.#handover = reason
    if (this.#order.empty) this.#leave()
  }

  /** The rest of a body was read. */
  bodyRead(): void {
    if (this.#lingersSince < 0) return
    this.#lingersSince = -1
    if (this.#socket.writableEnded) this.#socket.destroy()
  }

  /**
   * The bytes are no request. Requests that arrived whole before get their answers first; one whose body broke is
   * broken off. Nothing is said when that one has its answer already: the peer would take a second one for the answer
   * to its next request.
   */
  fault(code: ErrorCode): void {
    if (this.#lastWord !== null) return
    const broken = this.#reader.bodyOf
    this.#host.fault(code)
    this.ended = true
    this.#lastWord = broken?.answering === true ? '' : rawAnswer(code)
    this.#reader.bodyOf = null
    if (broken?.answered === false && this.#order.dropLatest(broken)) broken.breakOff()
    if (this.#order.empty) this.allSent()
  }

  /** The body of an answered request is drained. */
  linger(): void {
    this.#lingersSince = this.#host.watch.ticks
    this.resumeReading()
  }

  resumeReading(): void {
    this.#reader.resume()
  }

  /** True for the request behind which none has come. */
  isLatest(exchange: ExpressExchange): boolean {
    return this.#handover === null && this.#order.isLatest(exchange)
  }

  hasTurn(exchange: ExpressExchange): boolean {
    return this.#order.hasTurn(exchange)
  }

  answerWritten(): void {
    this.#order.answerWritten()
  }

  answerSent(exchange: ExpressExchange): void {
    if (!exchange.last) return
    // What is still on its way would be answered with a reset, which may overtake the answer.
    if (this.#reader.bodyOf === exchange) this.#socket.end()
    else this.#socket.destroySoon()
  }

  allSent(): void {
    this.#since = this.#host.watch.ticks
    if (this.#lastWord !== null) sayLast(this.#socket, this.#lastWord)
    else if (this.#handover !== null) this.#leave()
  }

  /** @returns False when the client is slow: `drained` follows. */
  write(bytes: string | Buffer): boolean {
    return this.#socket.destroyed || this.#socket.write(bytes, 'latin1')
  }

  cork(): void {
    this.#socket.cork()
  }

  uncork(): void {
    this.#socket.uncork()
  }

  drained(): void {
    this.#order.drained()
  }

  cut(): void {
    this.#socket.destroy()
  }

  /** The client ended its side: it is taken for gone, as Node's server does. */
  clientEnded(): void {
    if (this.#reader.bodyOf !== null || this.#reader.inHead) {
      this.fault('GW_BAD_REQUEST')
    } else {
      this.ended = true
      this.#order.breakOff()
      this.#socket.destroySoon()
    }
  }

  closed(): void {
    this.#host.watch.remove(this)
    this.#order.breakOff()
  }

  tick(now: number): void {
    if (this.#lingersSince >= 0) {
      if (now - this.#lingersSince >= LINGER_TICKS) this.cut()
    } else if (this.#socket.writableEnded) {
      // The client does not take the last bytes, or does not end its side.
      if (now - this.#since >= LINGER_TICKS) this.cut()
    } else if (this.#reader.inHead || this.#fresh) {
      if (now - this.#since >= this.#host.headTicks) this.fault('GW_REQUEST_TIMEOUT')
    } else if (this.#order.empty && this.#reader.bodyOf === null) {
      if (now - this.#since >= this.#host.keepAliveTicks) this.cut()
    }
  }

  /** @see Lane.endQuiet @param now Milliseconds, monotonic. @returns False when it goes on. */
  endIfQuiet(quietMs: number, now: number): boolean {
    if (this.#socket.writableEnded) return true
    const idle = this.#order.empty && this.#handover === null
    if (!idle || this.#readsSeen !== this.#reads) {
      this.#readsSeen = idle ? this.#reads : -1
      this.#seenAt = now
      if (!idle || quietMs > 0) return false
    }
    if (now - this.#seenAt < quietMs) return false
    this.ended = true
    this.#since = this.#host.watch.ticks
    this.#socket.end()
    return true
  }

  /** Out of the callbacks of the socket, so that what comes next cannot overtake the bytes that are put back. */
  #leave(): void {
    this.#reader.pause()
    setImmediate(handOver, this)
  }

  handOver(): void {
    const socket = this.#socket
    if (socket.destroyed || this.ended) return
    detach(socket)
    this.#host.watch.remove(this)
    const unread = this.#reader.unread()
    if (unread.length > 0) socket.unshift(unread)
    this.#host.adopt(socket, this.#handover!)
    socket.resume()
  }
}

function handOver(connection: ExpressConnection): void {
  connection.handOver()
}
