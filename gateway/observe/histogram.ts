/**
 * Durations as counts per bucket in shared memory. One thread adds, with plain stores; another reads whenever it
 * likes. A number is 64 bits wide and aligned, so the machines that Node runs on load and store it whole: a reader may
 * miss the call that is being recorded, never see half a number.
 */

/** Upper bounds of the buckets in milliseconds; one more bucket takes the rest. */
export const BOUNDS_MS: readonly number[] = [
  0.1, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000,
]

const BUCKETS = BOUNDS_MS.length + 1

/** Numbers that one histogram takes: a count per bucket and the sum of milliseconds. */
export const HISTOGRAM_CELLS = BUCKETS + 1

/** Records a duration in the histogram that begins at `base`. What is no positive, finite number counts as 0. */
export function observe(cells: Float64Array, base: number, durationMs: number): void {
  const ms = durationMs > 0 && durationMs < Number.POSITIVE_INFINITY ? durationMs : 0
  let bucket = 0
  while (bucket < BUCKETS - 1 && ms > BOUNDS_MS[bucket]!) bucket++
  cells[base + bucket]! += 1
  cells[base + BUCKETS]! += ms
}

/** What a histogram holds, as Prometheus wants it. */
export interface HistogramReading {
  /** Calls at or below each bound, in the order of `BOUNDS_MS`. */
  readonly cumulative: readonly number[]
  readonly count: number
  readonly sumSeconds: number
}

/** Reads a histogram. The count is made from the buckets, so that the two always agree. */
export function readHistogram(cells: Float64Array, base: number): HistogramReading {
  const cumulative: number[] = []
  let count = 0
  for (let i = 0; i < BUCKETS; i++) {
    count += cells[base + i]!
    if (i < BUCKETS - 1) cumulative.push(count)
  }
  return { cumulative, count, sumSeconds: cells[base + BUCKETS]! / 1000 }
}
