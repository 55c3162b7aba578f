/** Calls that may be sent twice at once after a pause without any. */
const RESERVE = 10

/** Keeps the calls of one Function on one thread that are sent twice a fixed share of all (Finagle's BackupRequest). */
export class HedgeBudget {
  readonly #share: number
  #tokens = 1

  /** @param extraLoad Percent of the calls that may be sent twice. */
  constructor(extraLoad: number) {
    this.#share = extraLoad / 100
  }

  /** For each call. */
  deposit(): void {
    this.#tokens = Math.min(RESERVE, this.#tokens + this.#share)
  }

  /** For each call that is sent twice; false when that would be too many. */
  tryTake(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** The second one could not be sent. */
  giveBack(): void {
    this.#tokens += 1
  }
}
