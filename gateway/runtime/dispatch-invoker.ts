import type { DeploymentFacts, Invocation, Invoker } from '../contract/driver.ts'
import type { Log } from '../contract/plugin.ts'
import type { Sink } from '../contract/sink.ts'
import { DispatchCall } from './dispatch-call.ts'

/**
 * Has the invoker of any driver call functions by the Function Runtime API of Dispatch. It opens no WebSockets. What an
 * operator announces reaches the invoker itself, which others may share.
 */
export class DispatchInvoker implements Invoker {
  readonly #invoker: Invoker
  readonly #log: Log

  constructor(invoker: Invoker, log: Log) {
    this.#invoker = invoker
    this.#log = log
  }

  check(deployment: DeploymentFacts): void {
    this.#invoker.check?.(deployment)
  }

  invoke(invocation: Invocation, sink: Sink): void {
    new DispatchCall(this.#invoker, this.#log, invocation, sink).run()
  }

  close(): Promise<void> {
    return this.#invoker.close()
  }
}
