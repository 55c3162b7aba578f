/** What the threads of the contest for a burst budget agree on. */

export const THREADS = 4

/** A billionth for a call, one for each millisecond. */
export const PRICE = { call: 1e-9, second: 1e-6, gbSecond: 0 }

export const LIMITS = {
  own: { concurrency: 12, rate: 30, moneyNano: 6000 },
  shared: { concurrency: null, rate: 25, moneyNano: 5000 },
}

/** Words of the board that all see: a gate for the phases, and a count of calls kept beside the ledger. */
export const READY = 0
export const PHASE = 1
export const INSIDE = 2
export const OVER = 3
/** A 64-bit place: the time of the phase. */
export const CLOCK = 2
export const BOARD_BYTES = 24

/** A call that was let through, as the thread that made it knows it. */
export interface Spent {
  readonly startedAt: number
  readonly endedAt: number
  readonly nano: number
}
