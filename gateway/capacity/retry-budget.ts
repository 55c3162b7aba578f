/** Share of the calls that may be repeated (Envoy's and Finagle's default). */
const RATIO = 0.2
/** Retries a quiet Function has in store, so that the first failure after a pause is not the client's. */
const RESERVE = 10

/**
 * Keeps retries a fixed share of the calls of one Function on one thread, so that an outage is not answered with a
 * multiple of its load.
 */
export class RetryBudget {
  #tokens = RESERVE

  /** For each call. */
  deposit(): void {
    if (this.#tokens < RESERVE) this.#tokens += RATIO
  }

  /** For each retry; false when the budget is used up. */
  tryTake(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
