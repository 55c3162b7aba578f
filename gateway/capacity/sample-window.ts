const COUNT = 0
const SUM = 1
const SQUARES = 2
const MOST_IN_FLIGHT = 3
const BEGAN_AT = 4
const SINCE = 5
const CELLS = 6

/** Samples below which a mean says nothing. */
const LEAST_SAMPLES = 10

/** Times of the last calls of one thread. In an array of numbers, so that a sample makes no garbage. */
export class SampleWindow {
  readonly #cells = new Float64Array(CELLS)
  readonly #lastsMs: number

  constructor(lastsMs: number) {
    this.#lastsMs = lastsMs
  }

  /** Only calls that began from this time on count; a later one than before empties the window. */
  begin(since: number): void {
    if (this.#cells[SINCE] === since) return
    this.clear()
    this.#cells[SINCE] = since
  }

  /** Takes a sample; tells whether there are enough now, over enough time. */
  add(ms: number, inFlight: number, now: number): boolean {
    const cells = this.#cells
    if (now - ms < cells[SINCE]!) return false
    if (cells[COUNT] === 0) cells[BEGAN_AT] = now
    cells[COUNT]! += 1
    cells[SUM]! += ms
    cells[SQUARES]! += ms * ms
    if (inFlight > cells[MOST_IN_FLIGHT]!) cells[MOST_IN_FLIGHT] = inFlight
    return cells[COUNT]! >= LEAST_SAMPLES && now - cells[BEGAN_AT]! >= this.#lastsMs
  }

  get mean(): number {
    return this.#cells[SUM]! / this.#cells[COUNT]!
  }

  /** Standard deviation. */
  get deviation(): number {
    const { mean } = this
    return Math.sqrt(Math.max(0, this.#cells[SQUARES]! / this.#cells[COUNT]! - mean * mean))
  }

  get mostInFlight(): number {
    return this.#cells[MOST_IN_FLIGHT]!
  }

  clear(): void {
    const cells = this.#cells
    cells[COUNT] = 0
    cells[SUM] = 0
    cells[SQUARES] = 0
    cells[MOST_IN_FLIGHT] = 0
  }
}
