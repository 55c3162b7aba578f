import type { BurstBudget, BurstReading, BurstReason } from '../capacity/burst-budget.ts'
import { type BurstCharge, tryCharge } from '../capacity/burst-charge.ts'
import type { CallPrice } from '../capacity/call-price.ts'
import type { Deployment } from './deployment.ts'

/** Time that is reserved beyond the timeout, because a call that is late is ended a little later. */
const LATE_MS = 100

/** Lets calls of one Function pass to burst Backends while its budget and that of its organization last. */
export class BurstGate {
  readonly #own: BurstBudget
  readonly #shared: BurstBudget | null
  readonly #prices: readonly CallPrice[]
  readonly #longestMs: number

  /**
   * @param shared Budget of the organization; null when it has none.
   * @param prices What a call costs on each Deployment of the Function, by index.
   * @param timeoutMs Of the Function: what a call could cost is reserved for this time.
   */
  constructor(own: BurstBudget, shared: BurstBudget | null, prices: readonly CallPrice[], timeoutMs: number) {
    this.#own = own
    this.#shared = shared
    this.#prices = prices
    this.#longestMs = timeoutMs + LATE_MS
  }

  /** Reserves what a call could cost on a Deployment at most; null when a budget does not have it. */
  tryReserve(deployment: Deployment, now: number): BurstCharge | null {
    return tryCharge(this.#own, this.#shared, this.#prices[deployment.index]!, this.#longestMs, now)
  }

  /** Whether a call costs less on one Deployment than on another, and no budget would refuse it. Takes nothing. */
  wouldPayInstead(deployment: Deployment, of: Deployment, now: number): boolean {
    const nano = this.#prices[deployment.index]!.nanoFor(this.#longestMs)
    if (nano >= this.#prices[of.index]!.nanoFor(this.#longestMs)) return false
    if (this.#own.wouldRefuse(nano, now) !== null) return false
    return this.#shared === null || this.#shared.wouldRefuse(nano, now) === null
  }

  /** Why a call would not pass to a Deployment at this moment; null when it would. Takes nothing. */
  refusal(deployment: Deployment, now: number): BurstRefusal | null {
    const nano = this.#prices[deployment.index]!.nanoFor(this.#longestMs)
    const own = this.#own.wouldRefuse(nano, now)
    if (own !== null) return { budget: 'function', reason: own }
    const shared = this.#shared?.wouldRefuse(nano, now) ?? null
    return shared === null ? null : { budget: 'organization', reason: shared }
  }

  /** The budgets at one moment: that of the Function, then that of its organization where it has one. */
  read(now: number): BurstReading[] {
    const budgets = this.#shared === null ? [this.#own] : [this.#own, this.#shared]
    return budgets.map((budget) => budget.read(now))
  }
}

/** Which budget refuses, and for which of its limits. */
export interface BurstRefusal {
  readonly budget: 'function' | 'organization'
  readonly reason: BurstReason
}
