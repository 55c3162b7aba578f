import type { DeploymentFacts, Invocation, Invoker, InvokerHost } from '../../gateway/contract/driver.ts'
import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Sink } from '../../gateway/contract/sink.ts'
import type { Transport } from '../../gateway/contract/transport.ts'
import { checkConnection, transportOptions } from '../support/connection-options.ts'
import { forward, type Target } from '../support/forward.ts'
import { JudgedAnswer } from '../support/judged-answer.ts'
import { removeFields } from '../support/remove-fields.ts'
import { joinPath } from '../support/upstream-path.ts'
import type { ActionOptions } from './action-invoker.ts'
import { actionPath, checkActionName } from './action-name.ts'
import { WEB_SAYINGS } from './web-sayings.ts'

const SECRET_FIELD = 'x-require-whisk-auth'

/** Calls web actions: any method and path, and the answer is what the action makes of it. */
export class WebInvoker implements Invoker {
  readonly #options: ActionOptions
  readonly #url: URL
  readonly #transport: Transport
  /** Where each action is, by its name. Holds as many as are configured. */
  readonly #targets = new Map<string, Target>()

  constructor(options: ActionOptions, host: InvokerHost) {
    this.#options = options
    this.#url = new URL(options.url)
    this.#transport = host.transport(transportOptions(options))
  }

  check({ name }: DeploymentFacts): void {
    checkConnection(this.#url, this.#options)
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
    forward(
      this.#transport,
      this.#target(deployment.name),
      invocation,
      new WebAnswer(sink, method === 'HEAD'),
    )
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  #target(name: string): Target {
    let target = this.#targets.get(name)
    if (target === undefined) {
      const action = actionPath(name.includes('/') ? name : `default/${name}`)
      const path = `/api/v1/web/${encodeURIComponent(this.#options.namespace)}/${action}.http`
      target = { origin: this.#url.origin, base: joinPath(this.#url.pathname, path) }
      this.#targets.set(name, target)
    }
    return target
  }
}

class WebAnswer extends JudgedAnswer {
  constructor(sink: Sink, isHead: boolean) {
    super(sink, WEB_SAYINGS, isHead)
  }

  /** The platform allows every origin on every answer, whatever the action wants. */
  protected override edit(_status: number, headers: HeaderList): void {
    removeFields(headers, isCors)
  }
}

function isCors(name: string): boolean {
  return name.startsWith('access-control-allow-')
}
