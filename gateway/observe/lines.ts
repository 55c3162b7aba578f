import type { Writable } from 'node:stream'
import { prettyLine } from './pretty-line.ts'

/** Longest line in characters, its line feed included; all of them are ASCII. */
export const LONGEST_LINE = 4096
/** Lines are handed over together: each time costs a message to the main thread. */
const PIECE = 16 * 1024
/** A line waits no longer than this for others. */
const FLUSH_MS = 250
/** What waits for a slow reader in one thread; lines beyond it are dropped. */
const MOST_WAITING = 8 * 1024 * 1024
const CLOSE_MS = 1_000

export interface LinesOptions {
  /**
   * Default: the standard output. That of a worker thread goes through the main thread, so that lines of several threads
   * do not mix, and no thread of libuv's pool is held by a reader that stalls (which writing to the descriptor does: name
   * look-ups then wait for the reader of the log).
   */
  readonly stream?: Writable
  /** For people instead of machines. Default false. */
  readonly pretty?: boolean
  /** Called when the reader is so slow that lines are lost, with their number. */
  readonly dropped?: (lines: number) => void
}

/** Where one thread writes its log: whole lines, in the background, many at a time, bounded in memory. */
export class Lines {
  readonly #stream: Writable
  readonly #pretty: boolean
  /** Lines for machines are ASCII, which is copied and not encoded. */
  readonly #encoding: BufferEncoding
  readonly #dropped: (lines: number) => void
  readonly #timer: NodeJS.Timeout
  #waiting = ''
  #count = 0

  constructor({ stream = process.stdout, pretty = false, dropped = () => {} }: LinesOptions = {}) {
    this.#stream = stream
    this.#pretty = pretty
    this.#encoding = pretty ? 'utf8' : 'latin1'
    this.#dropped = dropped
    // Without a listener a reader that goes away would end the process.
    stream.on('error', ignore)
    this.#timer = setInterval(() => this.flush(), FLUSH_MS)
    this.#timer.unref()
  }

  /** @param line JSON in ASCII with its line feed, not longer than `LONGEST_LINE`. */
  write(line: string): void {
    this.#waiting += this.#pretty ? prettyLine(line) : line
    this.#count++
    if (this.#waiting.length >= PIECE) this.flush()
  }

  /** Hands over what waits; the writing itself goes on in the background. */
  flush(): void {
    if (this.#count === 0) return
    const { writable, writableLength } = this.#stream
    if (writable && writableLength < MOST_WAITING) this.#stream.write(this.#waiting, this.#encoding)
    else this.#dropped(this.#count)
    this.#waiting = ''
    this.#count = 0
  }

  /** Writes the rest. Gives up after a second, so that a reader that stalls cannot keep the process from ending. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.flush()
    if (!this.#stream.writable) return
    const written = Promise.withResolvers<void>()
    const patience = setTimeout(written.resolve, CLOSE_MS)
    this.#stream.write('', () => written.resolve())
    await written.promise
    clearTimeout(patience)
  }
}

function ignore(): void {}
