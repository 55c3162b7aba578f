import type { BurstBudget } from './burst-budget.ts'
import type { CallPrice } from './call-price.ts'

/** A call that outlives what was reserved for it is paid this far ahead. */
const AHEAD_MS = 1000

/**
 * Takes what a burst call may cost at most from the budget of its Function and from that of its organization: from both
 * or from neither. While the second decides, the first holds it too, so a call beside it may be refused for nothing.
 *
 * @param shared Budget of the organization; null when it has none.
 * @param timeoutMs How long the call may run: what is taken pays for this time.
 * @param now Milliseconds since 1970.
 * @returns Null when a budget refuses, and counts it; else what `settle` or `cancel` ends exactly once.
 */
export function tryCharge(
  own: BurstBudget,
  shared: BurstBudget | null,
  price: CallPrice,
  timeoutMs: number,
  now: number,
): BurstCharge | null {
  const nano = price.nanoFor(timeoutMs)
  if (!own.tryReserve(nano, now)) return null
  if (shared !== null) {
    if (!shared.tryReserve(nano, now)) {
      own.undo(nano, now)
      return null
    }
    shared.commit(now)
  }
  own.commit(now)
  return new BurstCharge(own, shared, price, nano, timeoutMs)
}

/** What one running burst call holds of its budgets. */
export class BurstCharge {
  readonly #own: BurstBudget
  readonly #shared: BurstBudget | null
  readonly #price: CallPrice
  #reservedNano: number
  #paidMs: number

  constructor(
    own: BurstBudget,
    shared: BurstBudget | null,
    price: CallPrice,
    reservedNano: number,
    paidMs: number,
  ) {
    this.#own = own
    this.#shared = shared
    this.#price = price
    this.#reservedNano = reservedNano
    this.#paidMs = price.growsWithTime ? paidMs : Infinity
  }

  /**
   * Keeps the call paid for while it runs, for what may outlive its time: an answer that streams on, a long upload. Takes
   * another second when less than `aheadMs` is left. Who ends the call when a budget has no more keeps the bound of
   * the budget hard; of one that has run on unpaid all the same, what it has cost is taken, so that no other call
   * bursts on that money until it has aged.
   *
   * @param ranMs How long the call has run. @param aheadMs How long it runs until this is asked again, at most.
   * @returns False when the call has to end.
   */
  keepPaid(ranMs: number, aheadMs: number, now: number): boolean {
    const untilMs = ranMs + aheadMs
    if (untilMs <= this.#paidMs) return true
    const ahead = this.#price.nanoFor(untilMs + AHEAD_MS) - this.#reservedNano
    if (this.#tryExtend(ahead, now)) {
      this.#reservedNano += ahead
      this.#paidMs = untilMs + AHEAD_MS
      return true
    }
    if (ranMs > this.#paidMs) this.#owe(ranMs)
    return false
  }

  /** The call is over, or was cut: it costs what it ran, and the rest is given back. Once, unless `cancel`. */
  settle(ranMs: number, now: number): void {
    this.#end(this.#price.nanoFor(ranMs), now)
  }

  /** The function was not executed: nothing is paid. Once, unless `settle`. */
  cancel(now: number): void {
    this.#end(0, now)
  }

  #owe(ranMs: number): void {
    const owed = this.#price.nanoFor(ranMs) - this.#reservedNano
    this.#own.owe(owed)
    this.#shared?.owe(owed)
    this.#reservedNano += owed
    this.#paidMs = ranMs
  }

  #tryExtend(nano: number, now: number): boolean {
    if (!this.#own.tryExtend(nano, now)) return false
    if (this.#shared === null || this.#shared.tryExtend(nano, now)) return true
    this.#own.shorten(nano, now)
    return false
  }

  #end(usedNano: number, now: number): void {
    this.#own.settle(this.#reservedNano, usedNano, now)
    this.#shared?.settle(this.#reservedNano, usedNano, now)
  }
}
