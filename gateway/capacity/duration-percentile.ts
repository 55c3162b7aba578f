import type { SharedCells } from '../contract/shared-cells.ts'

const FOUND = 0
const FADED_AT = 1
const COUNTS = 2

/** Upper bound of the first bucket in milliseconds; each further one is a tenth wider, so a bucket is within 5 %. */
const FIRST_MS = 0.1
const GROWTH = 1.1
/** Reaches to ten minutes. */
const BUCKETS = 165

/** Below this number of samples nothing is said. */
const FEWEST = 24
/** Counts are halved at so many samples, or after the time when there are enough for a good guess. */
const MOST = 1000
const FADE_AFTER = 100
const FADE_MS = 30_000

const PERCENTILE = 0.95
const SCALE = 1 / Math.log(GROWTH)

/**
 * 95th percentile of durations, over all threads: counts in buckets of logarithmic width, of which old samples fade.
 * A sample is one atomic addition; every 64th of a thread looks for the percentile anew.
 */
export class DurationPercentile {
  readonly #cells: Int32Array
  /** Samples of this thread. */
  #samples = 0

  constructor(cells: SharedCells, key: string) {
    this.#cells = cells.claim(`p95:${key}`, COUNTS + BUCKETS)
  }

  /** Milliseconds; null while there are too few samples. */
  get p95Ms(): number | null {
    const found = Atomics.load(this.#cells, FOUND)
    return found === 0 ? null : FIRST_MS * GROWTH ** (found - 1.5)
  }

  /** @param now Milliseconds since 1970. */
  observe(ms: number, now: number): void {
    Atomics.add(this.#cells, COUNTS + bucketOf(ms), 1)
    const samples = ++this.#samples
    if (samples % (samples < 64 ? 8 : 64) === 0) this.#find(now)
  }

  #find(now: number): void {
    const cells = this.#cells
    let count = 0
    for (let i = 0; i < BUCKETS; i++) count += cells[COUNTS + i]!
    if (count < FEWEST) return
    let above = count * (1 - PERCENTILE)
    let bucket = BUCKETS - 1
    for (; bucket > 0; bucket--) {
      above -= cells[COUNTS + bucket]!
      if (above < 0) break
    }
    Atomics.store(cells, FOUND, bucket + 1)
    this.#fade(count, now)
  }

  /** Halves all counts: of several threads one does. */
  #fade(count: number, now: number): void {
    const cells = this.#cells
    const fadedAt = Atomics.load(cells, FADED_AT)
    if (count < MOST && (count < FADE_AFTER || ((now - fadedAt) | 0) < FADE_MS)) return
    if (Atomics.compareExchange(cells, FADED_AT, fadedAt, now | 0) !== fadedAt) return
    for (let i = 0; i < BUCKETS; i++) {
      const samples = Atomics.load(cells, COUNTS + i)
      // An odd one goes up or down by turns: else rare samples would vanish at once, or never.
      Atomics.sub(cells, COUNTS + i, (samples + ((i ^ now) & 1)) >> 1)
    }
  }
}

function bucketOf(ms: number): number {
  if (!(ms > FIRST_MS)) return 0
  return Math.min(BUCKETS - 1, Math.ceil(Math.log(ms / FIRST_MS) * SCALE))
}
