import type { Readable } from 'node:stream'

export interface BodyReceiver {
  collected(body: Buffer): void
  /** The body is longer than the limit; it is not read any further. */
  bodyTooLarge(bytes: number): void
  bodyBroken(): void
}

/**
 * Reads a body that Lambda needs as a whole, up to a limit. The receiver hears exactly one thing, or nothing once the
 * body was destroyed by `stop`.
 */
export class BodyCollector {
  readonly #body: Readable
  readonly #receiver: BodyReceiver
  readonly #limit: number
  readonly #chunks: Buffer[] = []
  #size = 0
  #over = false

  constructor(body: Readable, limit: number, receiver: BodyReceiver) {
    this.#body = body
    this.#limit = limit
    this.#receiver = receiver
    body.on('data', (chunk: Buffer) => this.#take(chunk))
    body.on('end', () => this.#settle(() => receiver.collected(Buffer.concat(this.#chunks, this.#size))))
    body.on('error', () => this.#settle(() => receiver.bodyBroken()))
    body.on('close', () => this.#settle(() => receiver.bodyBroken()))
  }

  stop(): void {
    this.#over = true
    this.#chunks.length = 0
    this.#body.destroy()
  }

  #take(chunk: Buffer): void {
    if (this.#over) return
    this.#size += chunk.length
    if (this.#size > this.#limit) {
      this.stop()
      this.#receiver.bodyTooLarge(this.#size)
    } else {
      this.#chunks.push(chunk)
    }
  }

  #settle(tell: () => void): void {
    if (this.#over) return
    this.#over = true
    tell()
  }
}
