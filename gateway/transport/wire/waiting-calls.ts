import type { WireCall } from './wire-call.ts'

/** Calls that may wait for a connection to one origin. Their deadlines bound how long; this bounds the memory. */
const MOST_WAITING = 16_384

/** Calls in line, first come first served. Each may leave at any time, at the same cost. */
export class WaitingCalls {
  length = 0
  #first: WireCall | null = null
  #last: WireCall | null = null

  get full(): boolean {
    return this.length >= MOST_WAITING
  }

  push(call: WireCall): void {
    call.before = this.#last
    if (this.#last === null) this.#first = call
    else this.#last.after = call
    this.#last = call
    this.length++
  }

  unshift(call: WireCall): void {
    call.after = this.#first
    if (this.#first === null) this.#last = call
    else this.#first.before = call
    this.#first = call
    this.length++
  }

  shift(): WireCall | null {
    const call = this.#first
    if (call !== null) this.remove(call)
    return call
  }

  /** @param call Stands in this line. */
  remove(call: WireCall): void {
    const { before, after } = call
    if (before === null) this.#first = after
    else before.after = after
    if (after === null) this.#last = before
    else after.before = before
    call.before = null
    call.after = null
    call.pool = null
    this.length--
  }
}
