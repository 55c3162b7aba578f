import { randomInt } from 'node:crypto'
import type { Call, RouteFacts } from '../../contract/call.ts'
import type { Principal } from '../../contract/principal.ts'
import { networkOf } from './address-network.ts'
import { KeyedHash } from './keyed-hash.ts'

/** What calls are counted by. A call without a principal is counted by its address. */
export type CountedBy = 'route' | 'organization' | 'principal' | 'address'

/** Hash of what a call is counted by, the same on all threads. Remembers the last one: callers come in rows. */
export class CallKey {
  readonly #by: CountedBy
  readonly #hash: KeyedHash
  #last: RouteFacts | Principal | string | null = null

  /** @param secret Two words of shared memory; the first thread that comes fills them with a random key. */
  constructor(by: CountedBy, secret: Int32Array) {
    this.#by = by
    this.#hash = new KeyedHash(agreedWord(secret, 0), agreedWord(secret, 1))
  }

  get low(): number {
    return this.#hash.low
  }

  get high(): number {
    return this.#hash.high
  }

  /** Makes `low` and `high` those of this call. */
  read(call: Call): void {
    const principal = this.#by === 'principal' ? call.principal : null
    if (this.#by === 'route') {
      if (this.#isNew(call.route)) this.#hash.text(call.route.name)
    } else if (this.#by === 'organization') {
      if (this.#isNew(call.route)) this.#hash.text(call.route.organization)
    } else if (principal !== null) {
      if (this.#isNew(principal)) this.#hash.text(principal.key)
    } else if (this.#isNew(call.clientAddress)) {
      this.#hash.text(networkOf(call.clientAddress))
    }
  }

  #isNew(subject: RouteFacts | Principal | string): boolean {
    if (subject === this.#last) return false
    this.#last = subject
    return true
  }
}

function agreedWord(words: Int32Array, index: number): number {
  Atomics.compareExchange(words, index, 0, randomInt(1, 2 ** 31))
  return Atomics.load(words, index)
}
