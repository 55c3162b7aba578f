import type { SharedCells } from '../contract/shared-cells.ts'

const BOOKED_UNTIL = 0
const LAST_REFUSAL = 1
const WORDS = 2

/** Bounds of what a client is told, in seconds. */
const SOONEST_S = 1
export const LATEST_S = 30

/** After so many milliseconds without a refusal nobody is expected back any more. */
const FORGET_MS = 3000
/** Times in shared memory are hundredths of a millisecond, modulo 32 bits: one call may take less than a millisecond. */
const UNITS = 100
const LATEST_UNITS = LATEST_S * 1000 * UNITS

/** Turns that each refusal books: half of the capacity is left to those who come for the first time. */
const TURNS = 2
/** The earliest and the latest answer, as shares of the time until the booked turn; and some of a second on top. */
const EARLIEST = 0.5
const SPREAD = 1.5
const JITTER_MS = 500

/**
 * When refused calls of one Function shall come back. The time that the waiting calls need is not the truth: all that
 * were refused would come at once then, and most be refused again. So each refusal books its turns behind those that
 * others were promised, and the answers are spread, because seconds are too coarse to tell the calls of one moment
 * apart. Of a second at four times the capacity, nine of ten are served when they come back; without the schedule it
 * was a third, and without the spread a half.
 */
export class ComebackSchedule {
  readonly #cells: Int32Array

  constructor(cells: SharedCells, key: string) {
    this.#cells = cells.claim(`comeback:${key}`, WORDS)
  }

  /**
   * @param intervalMs Time between two turns.
   * @param waiting Calls that wait now.
   * @param now Milliseconds since 1970.
   * @param random From 0 below 1.
   * @returns Whole seconds, from 1 to 30.
   */
  bookSeconds(intervalMs: number, waiting: number, now: number, random: number): number {
    const ms = this.#book(intervalMs, waiting, now) * (EARLIEST + SPREAD * random) + JITTER_MS * random
    return Math.min(LATEST_S, Math.max(SOONEST_S, Math.ceil(ms / 1000)))
  }

  /** Milliseconds until the turns that were booked. */
  #book(intervalMs: number, waiting: number, now: number): number {
    const cells = this.#cells
    const last = Atomics.exchange(cells, LAST_REFUSAL, now | 0)
    const quietMs = (now - last) | 0
    const isForgotten = last === 0 || quietMs < 0 || quietMs > FORGET_MS
    const at = (now * UNITS) | 0
    const before = Atomics.load(cells, BOOKED_UNTIL)
    const promised = isForgotten ? 0 : (before - at) | 0
    const ahead = Math.max(promised, waiting * intervalMs * UNITS)
    const units = Math.min(LATEST_UNITS, Math.round(ahead + TURNS * intervalMs * UNITS))
    // Two threads that book in the same instant may promise the same turns twice.
    Atomics.compareExchange(cells, BOOKED_UNTIL, before, (at + units) | 0)
    return units / UNITS
  }
}
