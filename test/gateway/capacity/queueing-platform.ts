import type { AdaptiveLimit } from '../../../gateway/capacity/adaptive-limit.ts'

export interface Load {
  readonly seconds: number
  /** Arrivals, at random (Poisson). */
  readonly perSecond: number
}

export interface PlatformParts {
  /** Calls that it executes at once; others wait in line. */
  readonly servers: number
  /** Calls that may wait; it says that it is full to others. */
  readonly queue?: number
  /** Milliseconds of the next call. @param random Between 0 and 1. */
  readonly serviceMs: (random: () => number, now: number) => number
}

export interface Result {
  readonly arrived: number
  readonly served: number
  readonly refused: number
  readonly full: number
  /** Mean of what the limit was when calls arrived. */
  readonly meanLimit: number
  readonly leastLimit: number
  /** Mean time on the platform, its line included. */
  readonly meanMs: number
}

interface Event {
  readonly at: number
  readonly startedAt: number
}

/** A platform with a line before it, in virtual time, behind a limit. The same load gives the same result. */
export class QueueingPlatform {
  readonly #limit: AdaptiveLimit
  readonly #parts: PlatformParts
  readonly #random = randomFrom(42)
  /** Ends of calls that run or wait, the next last. */
  readonly #ends: Event[] = []
  #now: number

  constructor(limit: AdaptiveLimit, from: number, parts: PlatformParts) {
    this.#limit = limit
    this.#parts = parts
    this.#now = from
  }

  get inFlight(): number {
    return this.#ends.length
  }

  run({ seconds, perSecond }: Load): Result {
    const until = this.#now + seconds * 1000
    const result = { arrived: 0, served: 0, refused: 0, full: 0 }
    let limits = 0
    let leastLimit = Number.POSITIVE_INFINITY
    let spentMs = 0
    for (;;) {
      this.#now -= (Math.log(1 - this.#random()) * 1000) / perSecond
      if (this.#now > until) break
      for (let end = this.#ends.at(-1); end !== undefined && end.at <= this.#now; end = this.#ends.at(-1)) {
        this.#limit.answered(end.at - end.startedAt, this.#ends.length, end.at)
        this.#ends.pop()
        result.served++
        spentMs += end.at - end.startedAt
      }
      const limit = this.#limit.current
      limits += limit
      leastLimit = Math.min(leastLimit, limit)
      result.arrived++
      if (this.#ends.length >= limit) result.refused++
      else if (!this.#serve()) result.full++
    }
    this.#now = until
    return { ...result, meanLimit: limits / result.arrived, leastLimit, meanMs: spentMs / result.served }
  }

  #serve(): boolean {
    const { servers, queue = Number.POSITIVE_INFINITY, serviceMs } = this.#parts
    if (this.#ends.length >= servers + queue) {
      this.#limit.overloaded(this.#ends.length, this.#now)
      return false
    }
    const ends = this.#ends
    const startedAt = this.#now
    const begins = ends.length < servers ? startedAt : ends[servers - 1]!.at
    const at = begins + serviceMs(this.#random, startedAt)
    ends.splice(this.#indexOf(at), 0, { at, startedAt })
    return true
  }

  /** Where an end belongs: behind all that are later. */
  #indexOf(at: number): number {
    let low = 0
    let high = this.#ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#ends[middle]!.at >= at) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** A generator of numbers between 0 and 1 that is the same on every run (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
