import type { HeldByKey } from '../capacity/held-by-key.ts'
import type { Call, Holding } from '../contract/call.ts'
import type { HeldByCalls } from '../contract/plugin.ts'

/** What a plugin is lent to count by key what calls hold; each call gives back by itself when it is over. */
export class HeldCounts implements HeldByCalls {
  readonly #held: HeldByKey

  constructor(held: HeldByKey) {
    this.#held = held
  }

  tryHold(call: Call, low: number, high: number, limit: number): boolean {
    const taken = this.#held.tryTake(low, high, limit)
    if (taken < 0) return false
    call.keep(new HeldSlot(this.#held, taken))
    return true
  }

  held(low: number, high: number): number {
    return this.#held.held(low, high)
  }
}

class HeldSlot implements Holding {
  next: Holding | null = null
  readonly #held: HeldByKey
  readonly #taken: number

  constructor(held: HeldByKey, taken: number) {
    this.#held = held
    this.#taken = taken
  }

  giveBack(): void {
    this.#held.giveBack(this.#taken)
  }
}
