import type { SharedCells } from '../contract/shared-cells.ts'
import { SampleWindow } from './sample-window.ts'

/** Shared numbers. */
const LIMIT = 0
/** Milliseconds that a call takes while none waits on the platform. */
const LONG = 1
const WINDOWS = 2
/** Limit at the last time when all was well. */
const REFERENCE = 3
const NEXT_TRIAL_AT = 4
/** Limit and mean time before the step of a trial; zero while there is none. */
const TRIAL_LIMIT = 5
const TRIAL_MS = 6
/** Calls that began before this time tell of another limit. */
const SINCE = 7
/** What the platform declares; zero for nothing. */
const DECLARED = 8
const NUMBERS = 9

/** Shared words. */
const DECIDED_IN = 0
const CUT_IN = 1
const WORDS = 2

/** Calls at once before there is evidence for less. */
export const SEED_LIMIT = 1000
/**
 * The least that times say. When the platform itself says that it is full it goes down to 1: of a platform that serves two
 * calls at once, four at once would draw all calls to its fast refusals.
 */
export const LEAST_LIMIT = 4
const MOST_LIMIT = 10_000
/** At most one decision, and one cut, in each of these windows. */
const WINDOW_MS = 100

/** Netflix's Gradient2: how much longer than usual calls may take, the room it leaves for a queue, its smoothing. */
const TOLERANCE = 1.5
const QUEUE = 4
const SMOOTHING = 0.2
const LONG_WINDOWS = 600
const FIRST_WINDOWS = 10
/** Standard deviation, as a share of the mean, above which the time of a call says nothing about the platform. */
const STEADY = 0.5
/** What is left of the limit in flight when the platform says that it is full. */
const CUT = 0.9
/** Milliseconds between trials, and as many times the time of a call at least. */
const TRIAL_EVERY_MS = 30_000
const TRIAL_EVERY_CALLS = 50
/** Half the calls at once, and calls take less than this share of the time: they had waited on the platform. */
const WAITED = 0.75

/**
 * Calls at once that one Deployment can use, found out from what it does, over all threads: Gradient2 (Netflix,
 * concurrency-limits) with what functions need. The time of a call belongs to the function, so it counts only where
 * it hardly varies; that the platform says it is full counts always. Nothing is limited before half of the seed is in
 * flight. And because a function that became slower looks like a platform that is full, a trial now and then, while
 * the limit is needed, halves it: calls that wait on the platform get faster by that, a slower function does not.
 *
 * Each thread gathers samples of its own; in each 100 ms the first thread with enough of them decides for all.
 * The same samples at the same times give the same limits.
 */
export class AdaptiveLimit {
  readonly #numbers: Float64Array
  readonly #words: Int32Array
  readonly #window = new SampleWindow(WINDOW_MS)
  readonly #epoch: number
  readonly #seed: number

  /** @param epoch Milliseconds since 1970 when the gateway started; the same on every thread. */
  constructor(cells: SharedCells, key: string, epoch: number, seed = SEED_LIMIT) {
    const words = cells.claim(`limit:${key}`, NUMBERS * 2 + WORDS)
    this.#numbers = new Float64Array(words.buffer, words.byteOffset, NUMBERS)
    this.#words = words.subarray(NUMBERS * 2)
    this.#epoch = epoch
    this.#seed = seed
  }

  /** Calls at once, a whole number. */
  get current(): number {
    return Math.floor(this.#numbers[LIMIT]!) || this.#seed
  }

  /**
   * Takes the time of an answer; cold starts are to be left out.
   *
   * @param inFlight Calls at once over all threads, this one included.
   */
  answered(ms: number, inFlight: number, now: number): void {
    const window = this.#window
    window.begin(this.#numbers[SINCE]!)
    if (!window.add(ms, inFlight, now)) return
    if (this.#isFirstIn(DECIDED_IN, now)) this.#decide(now)
    window.clear()
  }

  /**
   * What the platform says that it takes at once, null for nothing. When that changes the limit begins anew with it,
   * and never passes it.
   */
  declare(limit: number | null): void {
    const numbers = this.#numbers
    const declared = limit === null ? 0 : Math.min(MOST_LIMIT, Math.max(1, limit))
    if (numbers[DECLARED] === declared) return
    numbers[DECLARED] = declared
    numbers[LIMIT] = declared
    numbers[REFERENCE] = declared
    numbers[TRIAL_LIMIT] = 0
  }

  /** The platform says that it is full. */
  overloaded(inFlight: number, now: number): void {
    if (!this.#isFirstIn(CUT_IN, now)) return
    this.#set(Math.min(this.#limit, inFlight * CUT), 1)
    this.#settle(now, 0)
  }

  #decide(now: number): void {
    const { mean, deviation, mostInFlight } = this.#window
    const numbers = this.#numbers
    const limit = this.#limit
    const isNeeded = mostInFlight >= limit / 2
    if (numbers[TRIAL_LIMIT] !== 0) {
      this.#endStep(mean, isNeeded, now)
      return
    }
    this.#learn(mean, isNeeded)
    if (!isNeeded) {
      this.#settle(now, mean)
      return
    }
    const isSteady = deviation <= STEADY * mean
    if (isSteady && (now >= numbers[NEXT_TRIAL_AT]! || limit < numbers[REFERENCE]! / 2)) {
      numbers[TRIAL_LIMIT] = Math.max(limit, numbers[REFERENCE]!)
      this.#step(mean, Math.min(limit, mostInFlight), now)
      return
    }
    const gradient = isSteady && mean > 0 ? (TOLERANCE * numbers[LONG]!) / mean : 1
    const next = limit * Math.min(1, Math.max(0.5, gradient)) + QUEUE
    this.#set(limit * (1 - SMOOTHING) + next * SMOOTHING)
    numbers[REFERENCE] = Math.max(numbers[REFERENCE]!, this.#limit)
  }

  /** While the limit is needed, only a trial tells whether calls wait or the function is slower. */
  #learn(mean: number, isNeeded: boolean): void {
    const numbers = this.#numbers
    const windows = ++numbers[WINDOWS]!
    const long = numbers[LONG]!
    if (windows <= FIRST_WINDOWS) numbers[LONG] = long + (mean - long) / windows
    else if (long > 2 * mean) numbers[LONG] = long * 0.95
    else if (mean < long || !isNeeded) numbers[LONG] = long + (mean - long) / LONG_WINDOWS
  }

  /** Halves the limit to see what becomes of the time. */
  #step(mean: number, limit: number, now: number): void {
    this.#numbers[TRIAL_MS] = mean
    this.#numbers[SINCE] = now
    this.#set(limit / 2)
  }

  #endStep(mean: number, isNeeded: boolean, now: number): void {
    const numbers = this.#numbers
    const limit = this.#limit
    const before = numbers[TRIAL_LIMIT]!
    if (isNeeded && mean <= WAITED * numbers[TRIAL_MS]! && limit > LEAST_LIMIT) {
      numbers[LONG] = Math.min(mean, numbers[LONG]!)
      this.#step(mean, limit, now)
      return
    }
    // Nobody waited at twice this limit, and somebody did at four times, unless the trial began below that.
    if (isNeeded) numbers[LONG] = mean
    this.#set(isNeeded ? Math.min(before, 4 * limit) : before)
    numbers[SINCE] = now
    this.#settle(now, mean)
  }

  /** The limit is right for now. */
  #settle(now: number, mean: number): void {
    const numbers = this.#numbers
    numbers[TRIAL_LIMIT] = 0
    numbers[REFERENCE] = this.#limit
    numbers[NEXT_TRIAL_AT] = now + Math.max(TRIAL_EVERY_MS, TRIAL_EVERY_CALLS * mean)
  }

  get #limit(): number {
    return this.#numbers[LIMIT]! || this.#seed
  }

  #set(limit: number, least = Math.min(LEAST_LIMIT, this.#limit)): void {
    const most = this.#numbers[DECLARED]! || MOST_LIMIT
    this.#numbers[LIMIT] = Math.min(most, Math.max(least, limit))
  }

  /** True for the first of all threads that asks in this window. */
  #isFirstIn(word: number, now: number): boolean {
    const window = Math.max(1, Math.floor((now - this.#epoch) / WINDOW_MS) + 1)
    const before = Atomics.load(this.#words, word)
    return before < window && Atomics.compareExchange(this.#words, word, before, window) === before
  }
}
