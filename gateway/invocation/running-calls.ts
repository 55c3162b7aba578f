import type { ActiveCall } from './active-call.ts'

/**
 * The calls of one thread from their head to their last byte, in no order.
 *
 * An array, and each call knows its index. A Set of what comes and goes this fast keeps everything alive: when it grows
 * a new table, the old one points to it, so that one table that reached the old generation holds all later ones, and
 * with them the calls of their time. Scavenges then took 13 ms instead of 1 ms, a fifth of the CPU time of a call.
 */
export class RunningCalls {
  readonly #calls: ActiveCall[] = []

  get size(): number {
    return this.#calls.length
  }

  add(call: ActiveCall): void {
    call.runningAt = this.#calls.length
    this.#calls.push(call)
  }

  remove(call: ActiveCall): void {
    const last = this.#calls.pop()!
    if (last === call) return
    this.#calls[call.runningAt] = last
    last.runningAt = call.runningAt
  }

  /** A copy: calls may end while it is walked. */
  all(): ActiveCall[] {
    return this.#calls.slice()
  }
}
