import { Rejection } from '../../contract/rejection.ts'
import type { CountedBy } from './call-key.ts'
import type { WindowCounters } from './window-counters.ts'

/** One limit of a policy: its counters, and how it is told to callers. */
export class CountedLimit {
  readonly counters: WindowCounters
  /** Item of RateLimit-Policy. */
  readonly policy: string
  readonly #name: string
  readonly #detail: string
  #rejection: Rejection
  #seconds = 1

  constructor(by: CountedBy, counters: WindowCounters) {
    const { limit, windowMs } = counters
    this.counters = counters
    this.#name = `"${by}-${windowMs / 1000}s"`
    this.policy = `${this.#name};q=${limit};w=${windowMs / 1000}`
    this.#detail = `The limit is ${limit} in ${windowMs / 1000} s for one ${by}.`
    this.#rejection = this.#build()
  }

  /** Item of RateLimit: what is left, and for how many seconds. */
  left(low: number, high: number, nowMs: number): string {
    const { counters } = this
    const left = Math.max(0, counters.limit - counters.used(low, high, nowMs))
    return `${this.#name};r=${left};t=${counters.secondsLeft(nowMs)}`
  }

  /** The refusal for a wait of so many seconds. As windows follow the clock, a new one is built once a second at most. */
  rejection(seconds: number): Rejection {
    if (seconds !== this.#seconds) {
      this.#seconds = seconds
      this.#rejection = this.#build()
    }
    return this.#rejection
  }

  #build(): Rejection {
    return new Rejection('GW_RATE_LIMITED', this.#detail, ['retry-after', String(this.#seconds)])
  }
}
