import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { mayBeTrailer } from '../../invocation/header-rules.ts'

/** Hears how the body fares. */
export interface BodyListener {
  arrived(bytes: number): void
  bodyTooLarge(): void
  trailersRefused(): void
}

/**
 * The body of a request as a stream of its own. Whoever reads it may destroy it, for example because the upstream
 * broke, without harm to the client's connection, on which an answer can still be sent.
 */
export class RequestBody extends Readable {
  readonly #request: IncomingMessage
  readonly #listener: BodyListener
  #room: number
  /** True while the reader waits for the client to send more. */
  hungry = false
  #attached = false

  constructor(request: IncomingMessage, limitBytes: number, listener: BodyListener) {
    super({ highWaterMark: 65_536 })
    this.#request = request
    this.#room = limitBytes
    this.#listener = listener
  }

  override _read(): void {
    this.hungry = true
    if (this.#attached) {
      this.#request.resume()
      return
    }
    this.#attached = true
    this.#request.on('data', this.#onData)
    this.#request.on('end', this.#onEnd)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#request.off('data', this.#onData)
    this.#request.off('end', this.#onEnd)
    if (this.#attached) this.#request.pause()
    done(error)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#listener.arrived(chunk.length)
    this.#room -= chunk.length
    if (this.#room < 0) {
      this.destroy()
      this.#listener.bodyTooLarge()
      return
    }
    this.hungry = false
    if (!this.push(chunk)) this.#request.pause()
  }

  /** Trailers are dropped: what stands behind us may take them for headers. */
  readonly #onEnd = (): void => {
    this.hungry = false
    const { rawTrailers } = this.#request
    for (let i = 0; i < rawTrailers.length; i += 2) {
      if (mayBeTrailer(rawTrailers[i]!.toLowerCase())) continue
      this.destroy()
      this.#listener.trailersRefused()
      return
    }
    this.push(null)
  }
}
