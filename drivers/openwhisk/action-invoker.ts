import type { DeploymentFacts, Invocation, Invoker, InvokerHost } from '../../gateway/contract/driver.ts'
import type { Sink } from '../../gateway/contract/sink.ts'
import { type ConnectionOptions, checkConnection, transportOptions } from '../support/connection-options.ts'
import { checkActionName, checkKey } from './action-name.ts'
import { ActivationCall } from './activation-call.ts'
import type { Namespace } from './activation-watch.ts'
import { namespaceAt } from './api.ts'

export interface ActionOptions extends ConnectionOptions {
  readonly url: string
  readonly namespace: string
  readonly call: 'action' | 'web'
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
    const transport = host.transport(transportOptions(options))
    this.#namespace = namespaceAt(this.#url, options.namespace, options.apiKey ?? '', transport, host.log)
  }

  check({ name }: DeploymentFacts): void {
    const { apiKey, webSecret } = this.#options
    checkConnection(this.#url, this.#options)
    if (apiKey === null) throw new Error('actions are called with a key: set `apiKey`, or `call: web`')
    checkKey(apiKey)
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
