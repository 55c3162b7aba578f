import { Duplex } from 'node:stream'
import { acceptFor } from '../../../transport/handshake.ts'

/** A head that the client side of a WebSocket writes is far below this. */
const MOST_HEAD_BYTES = 16_384

/**
 * The connection to a function that has agreed to a WebSocket, for somebody who still wants to ask: @fastify/http-proxy
 * begins with a handshake, after it has answered the client. The handshake is answered here, from what the function
 * agreed to; everything behind it goes through as it is, with backpressure both ways.
 */
export class AgreedConnection extends Duplex {
  readonly #connection: Duplex
  readonly #answer: string
  /** What was written of the head so far; null once it is answered. */
  #head: Buffer[] | null = []
  /** Bytes that came from the function. */
  received = 0

  /**
   * @param connection Open, with frames from the first byte on.
   * @param key The `Sec-WebSocket-Key` that will be sent.
   */
  constructor(connection: Duplex, key: string, protocol: string | null) {
    super({ allowHalfOpen: true })
    this.#connection = connection
    this.#answer = [
      'HTTP/1.1 101 Switching Protocols',
      'upgrade: websocket',
      'connection: upgrade',
      `sec-websocket-accept: ${acceptFor(key)}`,
      ...(protocol === null ? [] : [`sec-websocket-protocol: ${protocol}`]),
      '\r\n',
    ].join('\r\n')
    connection.on('data', (chunk: Buffer) => {
      this.received += chunk.length
      if (!this.push(chunk)) connection.pause()
    })
    connection.on('end', () => this.push(null))
    connection.on('close', () => this.destroy())
    // Nothing of the function is read before the answer is.
    connection.pause()
  }

  override _read(): void {
    if (this.#head === null) this.#connection.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#head === null) this.#connection.write(chunk, done)
    else this.#ask(chunk, done)
  }

  /** A frame is written as a head and a payload: both in one piece. */
  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    const bytes = chunks.map(({ chunk }) => chunk)
    if (this.#head === null && bytes.length === 2) {
      this.#connection.cork()
      this.#connection.write(bytes[0]!)
      this.#connection.write(bytes[1]!, done)
      this.#connection.uncork()
    } else this._write(Buffer.concat(bytes), 'binary', done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#connection.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connection.destroy()
    done(error)
  }

  #ask(chunk: Buffer, done: (error?: Error | null) => void): void {
    const head = this.#head!
    head.push(chunk)
    const bytes = Buffer.concat(head)
    if (bytes.length > MOST_HEAD_BYTES) {
      done(new Error('a head without an end'))
      return
    }
    if (bytes.includes('\r\n\r\n')) {
      this.#head = null
      this.push(this.#answer, 'latin1')
    }
    done()
  }
}
