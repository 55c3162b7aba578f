/** Each bucket is so much wider than the one before: what is read is at most 1 % off. */
const GROWTH = Math.log(1.02)
const LEAST_MS = 0.1
const BUCKETS = 1000

/** Durations of any number of calls in little memory. */
export class TimeHistogram {
  readonly #counts = new Uint32Array(BUCKETS)
  #count = 0

  get count(): number {
    return this.#count
  }

  add(ms: number): void {
    const index = ms <= LEAST_MS ? 0 : Math.ceil(Math.log(ms / LEAST_MS) / GROWTH)
    this.#counts[Math.min(BUCKETS - 1, index)]!++
    this.#count++
  }

  /** Milliseconds that a share of them does not exceed; 0 without any. */
  quantile(share: number): number {
    let left = share * this.#count
    for (let i = 0; i < BUCKETS; i++) {
      left -= this.#counts[i]!
      if (left <= 0 && this.#counts[i]! > 0) return i === 0 ? 0 : LEAST_MS * Math.exp(GROWTH * (i - 0.5))
    }
    return 0
  }
}
