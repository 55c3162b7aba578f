import type { Socket } from 'node:net'
import type { ExpressExchange } from './express-exchange.ts'

/** Requests that a client may send on one connection before the first is answered, as in the standard lane. */
const MOST_PIPELINED = 100

/** Hears what becomes of the answers. */
export interface OrderListener {
  /** An answer is with the operating system. */
  answerSent(exchange: ExpressExchange): void
  /** No request waits for an answer any more. */
  allSent(): void
}

/** The requests of a connection that are not answered yet, and whose turn it is on the wire. */
export class AnswerOrder {
  readonly #socket: Socket
  readonly #listener: OrderListener
  readonly #open: ExpressExchange[]
  /** How many of them are written, and wait to be taken by the operating system. */
  #written: number
  /** A callback is on its way that says that they are. */
  #marked: boolean

  constructor(socket: Socket, listener: OrderListener) {
    this.#socket = socket
    this.#listener = listener
    this.#open = []
    this.#written = 0
    this.#marked = false
  }

  get empty(): boolean {
    return this.#open.length === 0
  }

  get full(): boolean {
    return this.#open.length >= MOST_PIPELINED
  }

  isLatest(exchange: ExpressExchange): boolean {
    return this.#open.at(-1) === exchange
  }

  add(exchange: ExpressExchange): void {
    this.#open.push(exchange)
  }

  /** Takes the latest one out. @returns False when it is gone already. */
  dropLatest(exchange: ExpressExchange): boolean {
    if (!this.isLatest(exchange)) return false
    this.#open.pop()
    if (this.#written > this.#open.length) this.#written--
    return true
  }

  hasTurn(exchange: ExpressExchange): boolean {
    return this.#open[this.#written] === exchange
  }

  /** An answer is written. When it is the one on the wire, the next has its turn. */
  answerWritten(): void {
    while (this.#open[this.#written]?.written === true) {
      this.#written++
      this.#open[this.#written]?.yourTurn()
    }
    this.#settle()
  }

  /** The client takes data again. */
  drained(): void {
    this.#open[this.#written]?.drained()
  }

  /** Tells of the answers that left. Nearly always they have: the system takes what fits into its buffer at once. */
  #settle(): void {
    if (this.#written === 0 || this.#marked || this.#socket.destroyed) return
    if (this.#socket.writableLength === 0) {
      this.#sent(this.#written)
      return
    }
    const count = this.#written
    this.#marked = true
    this.#socket.write('', 'latin1', () => {
      this.#marked = false
      // What was not taken is not told here: `breakOff` follows.
      if (this.#socket.destroyed) return
      this.#sent(Math.min(count, this.#written))
      this.#settle()
    })
  }

  #sent(count: number): void {
    for (let i = 0; i < count; i++) {
      const exchange = this.#open.length === 1 ? this.#open.pop() : this.#open.shift()
      if (exchange === undefined) return
      this.#written--
      exchange.finished()
      this.#listener.answerSent(exchange)
    }
    if (this.#open.length === 0) this.#listener.allSent()
  }

  /** The client has left. */
  breakOff(): void {
    const all = this.#open.splice(0)
    this.#written = 0
    for (const exchange of all) exchange.breakOff()
  }
}
