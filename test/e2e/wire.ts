import net from 'node:net'
import { parseAnswers, type RawAnswer } from './raw-client.ts'

/** A client connection that writes bytes as they are and keeps what comes back. */
export class Wire {
  /** True once the server has ended or reset the connection. */
  closed = false
  readonly #toHead: boolean
  readonly #socket: net.Socket
  readonly #pieces: Buffer[] = []
  #changed = Promise.withResolvers<void>()

  /** @param toHead The requests are HEAD: their answers have no body. */
  constructor(port: number, toHead = false) {
    this.#toHead = toHead
    this.#socket = net.connect(port, '127.0.0.1')
    this.#socket.setNoDelay(true)
    this.#socket.on('error', () => {})
    this.#socket.on('data', (piece: Buffer) => {
      this.#pieces.push(piece)
      this.#change()
    })
    for (const event of ['end', 'close']) {
      this.#socket.on(event, () => {
        this.closed = true
        this.#change()
      })
    }
  }

  /** @param bytes Text is written as latin-1, a byte for each character. */
  write(bytes: string | Buffer): void {
    this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** Ends our side after the last byte. */
  end(): void {
    this.#socket.end()
  }

  /** Cuts the connection with a reset. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  /** Closes the connection. */
  destroy(): void {
    this.#socket.destroy()
  }

  get received(): Buffer {
    return Buffer.concat(this.#pieces)
  }

  /** Whole answers so far. */
  get answers(): RawAnswer[] {
    return parseAnswers(this.received, this.#toHead)
  }

  get statuses(): number[] {
    return this.answers.map(({ status }) => status)
  }

  /** Waits until so many answers are whole, the server has closed, or the time is over. */
  async until(answers: number, timeoutMs: number): Promise<void> {
    const late = Promise.withResolvers<'late'>()
    const timer = setTimeout(() => late.resolve('late'), timeoutMs)
    while (!this.closed && this.answers.length < answers) {
      if ((await Promise.race([this.#changed.promise, late.promise])) === 'late') break
    }
    clearTimeout(timer)
  }

  #change(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }
}
