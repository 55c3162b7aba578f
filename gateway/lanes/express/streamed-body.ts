import { Readable } from 'node:stream'
import type { ExpressExchange } from './express-exchange.ts'

/**
 * The body of a request as a stream of its own. Whoever reads it may destroy it, for example because the upstream
 * broke, without harm to the client's connection, on which an answer can still be sent.
 */
export class StreamedBody extends Readable {
  readonly #exchange: ExpressExchange
  #room: number
  /** True while the reader waits for the client to send more. */
  hungry = false
  /** The reader has more than it takes now, or has not begun. */
  full = true

  constructor(exchange: ExpressExchange, limitBytes: number) {
    super({ highWaterMark: 65_536 })
    this.#exchange = exchange
    this.#room = limitBytes
  }

  override _read(): void {
    this.hungry = true
    if (!this.full) return
    this.full = false
    this.#exchange.bodyWanted()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.full = true
    done(error)
  }

  /** @returns False when the body is longer than its limit: nobody hears more of it. */
  feed(piece: Buffer): boolean {
    this.#room -= piece.length
    if (this.#room < 0) {
      this.destroy()
      return false
    }
    this.hungry = false
    this.full = !this.push(piece)
    return true
  }

  finish(): void {
    this.hungry = false
    this.push(null)
  }
}
