import type { Invocation, InvokerHost } from '../../gateway/contract/driver.ts'
import type { Failure } from './outcomes.ts'

/** Tells the operator what concerns nobody else: that Lambda refuses the gateway. Once, until it is something else. */
export class Complaints {
  readonly #host: InvokerHost
  #last: string

  constructor(host: InvokerHost) {
    this.#host = host
    this.#last = ''
  }

  /** @param failure Of a call that is over; null for an answer. */
  note({ deployment }: Invocation, failure: Failure | null): void {
    if (failure === null) this.#last = ''
    if (failure?.outcome !== 'denied' || failure.detail === this.#last) return
    this.#last = failure.detail
    const { backend, log } = this.#host
    log.error({ backend, function: deployment.name, error: failure.detail }, 'Lambda refuses the gateway')
  }
}
