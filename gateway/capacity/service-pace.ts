import type { SharedCells } from '../contract/shared-cells.ts'
import { RUNNING_MEAN_WORDS, RunningMean } from './running-mean.ts'

const LAST = 0
const HEAD_WORDS = 2

/** Turns over which the pace is averaged. */
const MEMORY = 32
/** A guess counts as much as this many turns. */
const GUESS_WEIGHT = 8
/** A pace that is older than this in milliseconds is guessed anew. */
const STALE_MS = 5000

/**
 * How fast calls that wait for one Function get their turn, measured while some wait: the time between two turns. It
 * is what counts for a prediction, whatever the capacity is shared with. Completions per second would tell how much is
 * asked for when there is room, not how much there is.
 */
export class ServicePace {
  readonly #cells: Int32Array
  readonly #interval: RunningMean

  constructor(cells: SharedCells, key: string) {
    this.#cells = cells.claim(`pace:${key}`, HEAD_WORDS + RUNNING_MEAN_WORDS)
    this.#interval = new RunningMean(this.#cells.subarray(HEAD_WORDS), MEMORY)
  }

  /** Milliseconds between two turns; 0 while nothing is known. */
  get intervalMs(): number {
    return this.#interval.value
  }

  /**
   * A call waits and none did before.
   *
   * @param guessMs What the interval may be, if nothing fresh is known; 0 for no idea.
   * @param now Milliseconds since 1970.
   */
  began(guessMs: number, now: number): void {
    const last = Atomics.exchange(this.#cells, LAST, now | 0)
    if (guessMs > 0 && (this.#interval.value === 0 || ((now - last) | 0) > STALE_MS))
      this.#interval.reset(guessMs, GUESS_WEIGHT)
  }

  /** A waiting call got its turn. */
  served(now: number): void {
    const ms = (now - Atomics.exchange(this.#cells, LAST, now | 0)) | 0
    // Turns in one millisecond are told apart by their number alone; never is the interval 0, which means unknown.
    this.#interval.observe(Math.max(0.01, ms))
  }

  /**
   * Milliseconds until the turn of a call; 0 while nothing is known. The turn in progress is half over on average; one
   * that takes longer than a call does is likely to take as long again.
   *
   * @param position 1 for the next.
   * @param heldMs How long a call holds its slot.
   */
  predictMs(position: number, heldMs: number, now: number): number {
    const interval = this.#interval.value
    if (interval === 0) return 0
    const quietMs = (now - Atomics.load(this.#cells, LAST)) | 0
    const stalledMs = position > 1 && heldMs > 0 ? Math.max(0, quietMs - 2 * heldMs - interval) : 0
    return (position - 0.5) * interval + stalledMs
  }
}
