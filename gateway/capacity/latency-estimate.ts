import type { SharedCells } from '../contract/shared-cells.ts'

const COST = 0
const COST_AT = 1
const ERRORS = 2
const ERRORS_AT = 3
const ANSWERED_AT = 4
const WARM_SINCE = 5
const COLD = 6
const CELLS = 7

/** Milliseconds in which an observation loses most of its weight (Finagle's `decayTime`). */
export const DECAY_MS = 10_000
/** What a call costs where nothing is known, and at least, so that calls in flight always count. */
const LEAST_COST_MS = 1
/** Milliseconds without an answer after which a platform may have put the function to sleep. */
export const SILENCE_MS = 60_000
/** An answer of a function that may have slept is a cold start when it took longer than both of these. */
const COLD_MS = 500
const COLD_FACTOR = 5
/** How far one answer moves the share of errors. */
const ERROR_WEIGHT = 0.1

/**
 * What a call to one Deployment costs in time, as all threads have seen it: a peak EWMA (Finagle's `PeakEwma`), which
 * believes bad news at once and forgives them slowly. Two things differ: a failure is an observation too, or one that
 * fails fast would attract calls; and a cold start is none, or it would repel calls until the next cold start.
 *
 * Times are milliseconds since 1970. Threads write without asking each other: of two observations at the same moment
 * one may be lost, which the next makes up for.
 */
export class LatencyEstimate {
  readonly #cells: Float64Array

  constructor(cells: SharedCells, key: string) {
    const words = cells.claim(`latency:${key}`, CELLS * 2)
    this.#cells = new Float64Array(words.buffer, words.byteOffset, CELLS)
  }

  /** Milliseconds, at least one. Decays while nobody calls, so that a slow one is tried again. */
  cost(now: number): number {
    return Math.max(LEAST_COST_MS, this.#cost(now))
  }

  /** Share of answers without a status of 5xx, 0 to 1, that comes back to 1 with time. Nobody is ejected for it. */
  successShare(now: number): number {
    return 1 - this.#errors(now)
  }

  /** What was seen before an ejection says nothing about what came back from it. */
  forget(): void {
    this.#cells[COST] = 0
  }

  /** Milliseconds since the last answer; infinite before the first. */
  idleMs(now: number): number {
    const answeredAt = this.#cells[ANSWERED_AT]!
    return answeredAt === 0 ? Number.POSITIVE_INFINITY : Math.max(0, now - answeredAt)
  }

  /** The inventory of the platform says that nothing runs: the next call starts it. An answer refutes it. */
  get cold(): boolean {
    return this.#cells[COLD] !== 0
  }

  set cold(cold: boolean) {
    this.#cells[COLD] = cold ? 1 : 0
  }

  /**
   * Takes an answer, whatever its status.
   *
   * @param ms From the start of the attempt to the head of the answer.
   * @param serverError The function chose a status of 5xx. Then a short time is no good news.
   * @returns True for a cold start, which the cost leaves out.
   */
  answered(ms: number, now: number, serverError: boolean): boolean {
    const cells = this.#cells
    const coldStart = this.#isColdStart(ms, now - ms)
    if (coldStart) cells[WARM_SINCE] = now
    else this.#observe(serverError ? Math.max(ms, cells[COST]!) : ms, now)
    if (serverError || cells[ERRORS] !== 0) this.#judge(serverError, now)
    cells[ANSWERED_AT] = now
    if (cells[COLD] !== 0) cells[COLD] = 0
    return coldStart
  }

  /**
   * Takes a failure of the platform.
   *
   * @param penaltyMs What a failure costs at least.
   */
  failed(ms: number, penaltyMs: number, now: number): void {
    this.#observe(Math.max(ms, penaltyMs), now)
  }

  /** Calls that came before the first answer after a silence waited for the same start. */
  #isColdStart(ms: number, startedAt: number): boolean {
    const cells = this.#cells
    if (ms <= COLD_MS || ms <= COLD_FACTOR * cells[COST]!) return false
    const slept = cells[COLD] !== 0 || startedAt - cells[ANSWERED_AT]! >= SILENCE_MS
    return slept || startedAt < cells[WARM_SINCE]!
  }

  #observe(ms: number, now: number): void {
    const cells = this.#cells
    const kept = decay(now - cells[COST_AT]!)
    const cost = cells[COST]! * kept
    cells[COST] = ms > cost ? ms : cost + ms * (1 - kept)
    cells[COST_AT] = now
  }

  #judge(serverError: boolean, now: number): void {
    const errors = this.#errors(now) * (1 - ERROR_WEIGHT)
    this.#cells[ERRORS] = serverError ? errors + ERROR_WEIGHT : errors
    this.#cells[ERRORS_AT] = now
  }

  #cost(now: number): number {
    return this.#cells[COST]! * decay(now - this.#cells[COST_AT]!)
  }

  #errors(now: number): number {
    const errors = this.#cells[ERRORS]!
    return errors === 0 ? 0 : errors * decay(now - this.#cells[ERRORS_AT]!)
  }
}

/** Weight that is left after so many milliseconds. */
function decay(ms: number): number {
  return ms <= 0 ? 1 : Math.exp(-ms / DECAY_MS)
}
