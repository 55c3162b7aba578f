import { pino } from 'pino'
import { prettyLine } from './pretty-line.ts'

/** Bytes that Linux writes to a pipe in one piece (PIPE_BUF), so that the lines of two threads do not mix. */
export const MOST_BYTES = 4096
/** A line waits no longer than this for others. */
const FLUSH_MS = 250
/** What waits for a slow reader in one thread; lines beyond it are dropped. */
const MOST_WAITING_BYTES = 8 * 1024 * 1024
const CLOSE_MS = 2_000

export interface LinesOptions {
  /** File descriptor. Default 1: the standard output of the process, in worker threads too. */
  readonly fd?: number
  /** For people instead of machines. Default false. */
  readonly pretty?: boolean
  /** Called when the reader is so slow that lines are lost, with their number. */
  readonly dropped?: (lines: number) => void
}

/** Where one thread writes its log: whole lines, in the background, many at a time, bounded in memory. */
export class Lines {
  readonly #stream: ReturnType<typeof pino.destination>
  readonly #timer: NodeJS.Timeout
  readonly #pretty: boolean
  #waiting = ''
  #broken = false

  constructor({ fd = 1, pretty = false, dropped = () => {} }: LinesOptions = {}) {
    this.#pretty = pretty
    this.#stream = pino.destination({
      dest: fd,
      sync: false,
      maxLength: MOST_WAITING_BYTES,
      maxWrite: MOST_BYTES,
    })
    this.#stream.on('drop', (piece: string) => dropped(piece.split('\n').length - 1))
    // Without a listener a full disk would end the process.
    this.#stream.on('error', () => {
      this.#broken = true
    })
    this.#timer = setInterval(() => this.flush(), FLUSH_MS)
    this.#timer.unref()
  }

  /** @param line JSON in ASCII with its line feed, at most 4096 characters. */
  write(line: string): void {
    if (this.#waiting.length + line.length > MOST_BYTES) this.flush()
    this.#waiting += this.#pretty ? prettyLine(line) : line
  }

  /** Hands over what waits; the writing itself goes on in the background. */
  flush(): void {
    if (this.#waiting === '') return
    const piece = this.#waiting
    this.#waiting = ''
    this.#stream.write(piece)
  }

  /** Writes the rest. Gives up after two seconds, so that a reader that stalls cannot keep the process from ending. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.flush()
    if (this.#broken) return
    const closed = Promise.withResolvers<void>()
    const patience = setTimeout(closed.resolve, CLOSE_MS)
    this.#stream.once('close', closed.resolve)
    this.#stream.end()
    await closed.promise
    clearTimeout(patience)
  }
}
