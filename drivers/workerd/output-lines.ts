import { StringDecoder } from 'node:string_decoder'

/** Longest line that is kept; the rest of it is dropped. */
const MAX_LINE = 16_384

/** Lines that may come at once, and per second after that. */
const BURST = 200
const PER_SECOND = 50

/** What comes out of an output. */
export interface LineListener {
  line(text: string): void
  /** So many lines came faster than is allowed and were dropped. */
  dropped(count: number): void
}

/**
 * Cuts the output of a process into lines, bounded in length and rate: whoever writes more than a log can take is
 * read on, so that the process does not stall, but not listened to.
 */
export class OutputLines {
  readonly #listener: LineListener
  readonly #now: () => number
  readonly #decoder = new StringDecoder('utf8')
  #partial = ''
  #allowance = BURST
  #filledAt: number
  #dropped = 0

  /** @param now Milliseconds of a clock that only goes forward. */
  constructor(listener: LineListener, now: () => number = () => performance.now()) {
    this.#listener = listener
    this.#now = now
    this.#filledAt = now()
  }

  push(chunk: Buffer): void {
    const lines = (this.#partial + this.#decoder.write(chunk)).split('\n')
    this.#partial = lines.pop()!.slice(0, MAX_LINE)
    this.#refill()
    for (const line of lines) this.#take(line)
  }

  end(): void {
    if (this.#partial !== '') this.#take(this.#partial)
    this.#partial = ''
    if (this.#dropped > 0) this.#listener.dropped(this.#dropped)
    this.#dropped = 0
  }

  #take(line: string): void {
    if (line === '') return
    if (this.#allowance < 1) {
      this.#dropped++
      return
    }
    this.#allowance--
    this.#listener.line(line.slice(0, MAX_LINE))
  }

  #refill(): void {
    const now = this.#now()
    this.#allowance = Math.min(BURST, this.#allowance + ((now - this.#filledAt) / 1000) * PER_SECOND)
    this.#filledAt = now
    if (this.#allowance < 1 || this.#dropped === 0) return
    this.#listener.dropped(this.#dropped)
    this.#dropped = 0
  }
}
