import type { SharedCells } from '../contract/shared-cells.ts'

/** Milliseconds that a platform is given to start what it was asked to start. */
const EVERY_MS = 10_000
const WORDS = 2

/** Lets one call of all threads in ten seconds wake what sleeps, so that a platform is not asked a hundred times. */
export class WakePermit {
  readonly #next: Int32Array
  readonly #epoch: number

  /** @param epoch Milliseconds since 1970 when the gateway started; the same on every thread. */
  constructor(cells: SharedCells, key: string, epoch: number) {
    this.#next = cells.claim(`wake:${key}`, WORDS)
    this.#epoch = epoch
  }

  tryTake(now: number): boolean {
    const before = Atomics.load(this.#next, 0)
    const tenths = Math.floor((now - this.#epoch) / 100)
    if (tenths < before) return false
    return Atomics.compareExchange(this.#next, 0, before, tenths + EVERY_MS / 100) === before
  }
}
