/** Share of the calls that may be repeated (Envoy's and Finagle's default). */
const RATIO = 0.2
/**
 * Retries that a Function has in store (Finagle's 10 per second over 10 s): when a platform dies, all that it had in
 * flight fails at once, and its share of the last few calls would not be enough.
 */
const RESERVE = 100

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
