import type { DeploymentFacts, Invocation, Invoker, InvokerHost } from '../../gateway/contract/driver.ts'
import type { Sink } from '../../gateway/contract/sink.ts'
import { type ConnectionOptions, checkConnection, transportOptions } from '../support/connection-options.ts'
import { checkActionName } from './action-name.ts'
import { ActivationCall, type Namespace } from './activation-call.ts'
import { basic, namespacePath } from './api.ts'

export interface ActionOptions extends ConnectionOptions {
  readonly url: string
  readonly namespace: string
  /** `NAME:SECRET`. */
  readonly apiKey: string | null
  readonly webSecret: string | null
}

/** Calls actions by the API of the platform, with the key of their namespace. */
export class ActionInvoker implements Invoker {
  readonly #options: ActionOptions
  readonly #url: URL
  readonly #namespace: Namespace

  constructor(options: ActionOptions, host: InvokerHost) {
    this.#options = options
    this.#url = new URL(options.url)
    this.#namespace = {
      transport: host.transport(transportOptions(options)),
      log: host.log,
      origin: this.#url.origin,
      base: namespacePath(this.#url, options.namespace),
      authorization: basic(options.apiKey ?? ''),
    }
  }

  check({ name }: DeploymentFacts): void {
    const { apiKey, webSecret } = this.#options
    checkConnection(this.#url, this.#options)
    if (apiKey === null) throw new Error('actions are called with a key: set `apiKey`, or `call: web`')
    if (!/^[^:]+:[^:]+$/.test(apiKey)) throw new Error('apiKey is not of the form NAME:SECRET')
    if (webSecret !== null) throw new Error('webSecret is for `call: web`')
    checkActionName(name)
  }

  invoke(invocation: Invocation, sink: Sink): void {
    new ActivationCall(this.#namespace, invocation, sink).run()
  }

  close(): Promise<void> {
    return this.#namespace.transport.close()
  }
}
