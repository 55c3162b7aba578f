import type { DeploymentFacts, Invocation, Invoker, InvokerHost } from '../../gateway/contract/driver.ts'
import type { SocketAddress } from '../../gateway/contract/option-types.ts'
import type { Sink, UpgradeSink } from '../../gateway/contract/sink.ts'
import type { Transport } from '../../gateway/contract/transport.ts'
import { ByName } from '../support/by-name.ts'
import { type ConnectionOptions, checkConnection, transportOptions } from '../support/connection-options.ts'
import { forward, forwardUpgrade, type Target } from '../support/forward.ts'
import { checkKubernetes, type KubernetesOptions } from '../support/kubernetes/options.ts'
import { removeFields } from '../support/remove-fields.ts'
import { KnativeAnswer, KnativeUpgrade } from './answer.ts'
import { isForPlatform } from './request-fields.ts'
import { checkName, splitName } from './service-name.ts'

export interface KnativeOptions extends ConnectionOptions {
  readonly url: string
  readonly namespace: string
  readonly tagged: string
  readonly ingress: SocketAddress | null
  readonly kubernetes: KubernetesOptions | null
}

/** A name in DNS, and nothing that could end it. */
const HOST = /^(?:[a-z0-9_](?:[-a-z0-9_]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?(?::\d+)?$/

interface Place extends Target {
  /** What the ingress tells services apart by. */
  readonly host: string
}

/** Calls services of Knative by their host, where that leads or at an ingress. */
export class KnativeInvoker implements Invoker {
  readonly #options: KnativeOptions
  readonly #url: URL
  readonly #transport: Transport
  /** Where each deployment is. */
  readonly #places = new ByName((name) => this.#placeOf(name))

  constructor(options: KnativeOptions, host: InvokerHost) {
    this.#options = options
    this.#url = new URL(options.url)
    this.#transport = host.transport({ ...transportOptions(options), connectTo: options.ingress })
  }

  check({ name }: DeploymentFacts): void {
    checkConnection(this.#url, this.#options)
    if (!this.#url.host.includes('{name}')) throw new Error('the host of url needs {name}')
    if (this.#url.pathname.includes('%7B')) throw new Error('{…} may stand in the host of url only')
    if (!this.#options.tagged.includes('{tag}') || !this.#options.tagged.includes('{name}')) {
      throw new Error('tagged needs {tag} and {name}')
    }
    checkKubernetes(this.#options.kubernetes)
    checkName(name)
    const { host } = this.#places.get(name)
    if (!HOST.test(host)) throw new Error(`the service ${name} would have the host ${host}, which is none`)
  }

  invoke(invocation: Invocation, sink: Sink): void {
    const place = this.#prepare(invocation)
    forward(this.#transport, place, invocation, new KnativeAnswer(sink, invocation.method === 'HEAD'))
  }

  upgrade(invocation: Invocation, sink: UpgradeSink): void {
    forwardUpgrade(this.#transport, this.#prepare(invocation), invocation, new KnativeUpgrade(sink))
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  #prepare({ deployment, headers }: Invocation): Place {
    const place = this.#places.get(deployment.name)
    removeFields(headers, isForPlatform)
    headers.set('host', place.host)
    return place
  }

  /** Over plain HTTP all services share the connections to an ingress; over TLS each is verified by its own name. */
  #placeOf(name: string): Place {
    const { namespace, tagged, ingress } = this.#options
    const { protocol, pathname } = this.#url
    const { service, tag } = splitName(name)
    const label = tag === null ? service : tagged.replace('{tag}', tag).replace('{name}', service)
    const host = this.#url.host.replaceAll('{name}', label).replaceAll('{namespace}', namespace)
    const shared = protocol === 'http:' && ingress !== null
    return { host, origin: `${protocol}//${shared ? authorityOf(ingress) : host}`, base: pathname }
  }
}

function authorityOf({ host, port }: SocketAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
