import type { DeploymentFacts, Invocation, Invoker, InvokerHost } from '../../gateway/contract/driver.ts'
import type { Sink } from '../../gateway/contract/sink.ts'
import type { Transport } from '../../gateway/contract/transport.ts'
import { DEFAULT_NAMESPACE, DEFAULT_TAGGED } from '../knative/service-fields.ts'
import { ByName } from '../support/by-name.ts'
import { type ConnectionOptions, checkConnection, transportOptions } from '../support/connection-options.ts'
import { checkKubernetes, type KubernetesOptions } from '../support/kubernetes/options.ts'
import { removeFields } from '../support/remove-fields.ts'
import { joinPath } from '../support/upstream-path.ts'
import { TopicAnswer } from './topic-answer.ts'

export interface TopicOptions extends ConnectionOptions {
  readonly url: string
  readonly exchange: 'requests' | 'messages'
  readonly headers: readonly string[]
  readonly namespace: string
  readonly kubernetes: KubernetesOptions | null
  /** Of the other API: not for topics. */
  readonly ingress: object | null
  readonly tagged: string
}

/** A slash or an escape would make another topic of it. */
const TOPIC = /^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/

/** Calls functions over the topics of riff 0.0: by name, with a body and its type, and nothing else of HTTP. */
export class TopicInvoker implements Invoker {
  readonly #options: TopicOptions
  readonly #url: URL
  readonly #transport: Transport
  readonly #isMessage: boolean
  readonly #isDropped: (name: string) => boolean
  /** Path of each topic. */
  readonly #paths = new ByName((topic) => joinPath(this.#url.pathname, `/${this.#options.exchange}/${topic}`))

  constructor(options: TopicOptions, host: InvokerHost) {
    this.#options = options
    this.#url = new URL(options.url)
    this.#transport = host.transport(transportOptions(options))
    this.#isMessage = options.exchange === 'messages'
    const passed = new Set(['content-type', 'accept', ...options.headers])
    this.#isDropped = (name) => !passed.has(name)
  }

  check({ name }: DeploymentFacts): void {
    checkConnection(this.#url, this.#options)
    const { ingress, tagged, namespace, kubernetes } = this.#options
    if (ingress !== null) throw new Error('ingress is for `api: knative`')
    if (tagged !== DEFAULT_TAGGED) throw new Error('tagged is for `api: knative`')
    // Topics have one name each in all of a cluster; their functions are looked for in one namespace.
    if (kubernetes === null && namespace !== DEFAULT_NAMESPACE) {
      throw new Error('namespace is for `api: knative`, or for `kubernetes`')
    }
    checkKubernetes(kubernetes)
    if (!TOPIC.test(name)) {
      throw new Error(`${JSON.stringify(name)} is no topic of riff: lower-case letters, digits, - and .`)
    }
  }

  invoke({ deployment, method, headers, body, bodyLength }: Invocation, sink: Sink): void {
    removeFields(headers, this.#isDropped)
    this.#transport.send(
      {
        origin: this.#url.origin,
        // To the platform all methods are one; but an answer to HEAD must have no body.
        method: method === 'HEAD' ? 'HEAD' : 'POST',
        path: this.#paths.get(deployment.name),
        headers: headers.flat,
        body,
        bodyLength,
      },
      new TopicAnswer(sink, this.#isMessage),
    )
  }

  close(): Promise<void> {
    return this.#transport.close()
  }
}
