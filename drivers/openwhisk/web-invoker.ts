import type { DeploymentFacts, Invocation, Invoker, InvokerHost } from '../../gateway/contract/driver.ts'
import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Sink } from '../../gateway/contract/sink.ts'
import type { Transport } from '../../gateway/contract/transport.ts'
import { ByName } from '../support/by-name.ts'
import { checkConnection, transportOptions } from '../support/connection-options.ts'
import { forward, type Target } from '../support/forward.ts'
import { JudgedAnswer, type Suspicion } from '../support/judged-answer.ts'
import { removeFields } from '../support/remove-fields.ts'
import { joinPath } from '../support/upstream-path.ts'
import type { ActionOptions } from './action-invoker.ts'
import { actionPath, checkActionName, checkKey } from './action-name.ts'
import type { Namespace } from './activation-watch.ts'
import { namespaceAt } from './api.ts'
import { isActivationId } from './verdict.ts'
import { WebCall } from './web-call.ts'
import { WEB_SAYINGS } from './web-sayings.ts'

const SECRET_FIELD = 'x-require-whisk-auth'

/** Calls web actions: any method and path, and the answer is what the action makes of it. */
export class WebInvoker implements Invoker {
  readonly #options: ActionOptions
  readonly #url: URL
  readonly #transport: Transport
  /** Where activations are looked at; null without a key. */
  readonly #namespace: Namespace | null
  /** Where each action is. */
  readonly #targets = new ByName((name) => this.#targetOf(name))

  constructor(options: ActionOptions, host: InvokerHost) {
    this.#options = options
    this.#url = new URL(options.url)
    this.#transport = host.transport(transportOptions(options))
    const { apiKey, namespace } = options
    this.#namespace =
      apiKey === null ? null : namespaceAt(this.#url, namespace, apiKey, this.#transport, host.log)
  }

  check({ name }: DeploymentFacts): void {
    checkConnection(this.#url, this.#options)
    if (this.#options.apiKey !== null) checkKey(this.#options.apiKey)
    if (this.#options.namespace === '_') throw new Error('web actions need the name of their `namespace`')
    if (/[^\x21-\x7e]/.test(this.#options.webSecret ?? '')) {
      throw new Error('webSecret has a character that no header can carry')
    }
    checkActionName(name)
  }

  invoke(invocation: Invocation, sink: Sink): void {
    const { deployment, headers, method } = invocation
    const { webSecret } = this.#options
    headers.remove('host')
    headers.remove('authorization')
    headers.remove(SECRET_FIELD)
    if (webSecret !== null) headers.add(SECRET_FIELD, webSecret)
    const call = this.#namespace === null ? null : new WebCall(this.#namespace, invocation, sink)
    const answer = new WebAnswer(sink, call, method === 'HEAD')
    forward(this.#transport, this.#targets.get(deployment.name), invocation, answer)
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  #targetOf(name: string): Target {
    const action = actionPath(name.includes('/') ? name : `default/${name}`)
    const path = `/api/v1/web/${encodeURIComponent(this.#options.namespace)}/${action}.http`
    return { origin: this.#url.origin, base: joinPath(this.#url.pathname, path) }
  }
}

class WebAnswer extends JudgedAnswer {
  readonly #call: WebCall | null
  #activationId: string | null

  /** @param call Follows what takes longer than the platform waits; null where nobody may look. */
  constructor(sink: Sink, call: WebCall | null, isHead: boolean) {
    super(call ?? sink, WEB_SAYINGS, isHead)
    this.#call = call
    this.#activationId = null
  }

  override head(status: number, headers: HeaderList): void {
    this.#activationId = headers.get('x-openwhisk-activation-id')
    super.head(status, headers)
  }

  protected override failed(said: Suspicion): void {
    const id = this.#activationId
    if (this.#call !== null && said.outcome === 'timeout' && isActivationId(id)) this.#call.follow(id)
    else super.failed(said)
  }

  /** The platform allows every origin on every answer, whatever the action wants. */
  protected override edit(_status: number, headers: HeaderList): void {
    removeFields(headers, isCors)
  }
}

function isCors(name: string): boolean {
  return name.startsWith('access-control-allow-')
}
