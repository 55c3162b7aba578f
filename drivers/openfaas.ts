import { type Static, Type } from 'typebox'
import type {
  DeploymentFacts,
  DriverDefinition,
  Invocation,
  Invoker,
  InvokerHost,
} from '../gateway/contract/driver.ts'
import type { HeaderList } from '../gateway/contract/headers.ts'
import { Duration, Maybe, Secret, Url } from '../gateway/contract/option-types.ts'
import type { Sink, UpgradeSink } from '../gateway/contract/sink.ts'
import type { Transport } from '../gateway/contract/transport.ts'
import { asksForStream, PlatformAnswer } from './openfaas/answer.ts'
import { OpenFaasOperator } from './openfaas/operator.ts'
import { ByName } from './support/by-name.ts'
import { checkConnection, connectionFields, transportOptions } from './support/connection-options.ts'
import { forward, forwardUpgrade, type Target } from './support/forward.ts'
import { joinPath } from './support/upstream-path.ts'

const Options = Type.Object({
  url: Url({ description: 'URL of the OpenFaaS gateway, for example `http://gateway.openfaas:8080`.' }),
  namespace: Maybe(
    Type.String({
      pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
      description: "Namespace of the functions. Left out: the platform's own.",
    }),
  ),
  upstreamTimeout: Duration({
    default: '60s',
    min: '1s',
    description:
      "The platform's `upstream_timeout`: an empty 502 after it is a time-out, an earlier one a failure.",
  }),
  upgradeUrl: Maybe(
    Url({
      description:
        "Where WebSockets are opened, past the platform's gateway, which strips `Upgrade`: the provider, for example `http://provider.openfaas:8081/function/{name}`, or the watchdogs themselves, `http://{name}.openfaas-fn:8080`. `{name}` becomes the name of the function, with its namespace. Left out: no route of its functions may allow upgrades.",
    }),
  ),
  administrator: Maybe(
    Type.Object(
      {
        user: Type.String({
          pattern: '^[^:\\u0000-\\u001f\\u007f]+$',
          default: 'admin',
          description: 'Name for Basic authentication.',
        }),
        password: Secret({ description: 'Password for Basic authentication.' }),
      },
      {
        description:
          'Reads how many replicas of each function run, which tells cold starts and functions that are gone. Left out: tried without a credential.',
      },
    ),
  ),
  ...connectionFields,
})
type Options = Static<typeof Options>

export const driver: DriverDefinition<Options> = {
  kind: 'openfaas',
  status: 'stable',
  description:
    'Functions of an OpenFaaS gateway. The platform streams only answers to callers that accept `text/event-stream`.',
  options: Options,
  capabilities: { streaming: true, rawHttp: true },
  invoker: (options, host) => new OpenFaasInvoker(options, host),
  operator: (options, host) => new OpenFaasOperator(new URL(options.url), options, host),
}

/** The platform cuts a name at an escaped slash and would resolve dots: only this is passed on. */
const FUNCTION_NAME = /^[a-zA-Z0-9_][-a-zA-Z_0-9.]{0,252}$/

/** `{name}`, in a host as it is, in a path as a parsed URL holds it. */
const PLACEHOLDER = /\{name\}|%7Bname%7D/g

interface Place {
  readonly functionName: string
  /** At the gateway of the platform. */
  readonly calls: Target
  /** Past it; null where there is no way. */
  readonly upgrades: Target | null
}

class OpenFaasInvoker implements Invoker {
  readonly #options: Options
  readonly #url: URL
  readonly #transport: Transport
  /** Opens WebSockets where there is a way past the platform's gateway. */
  readonly upgrade: Invoker['upgrade']
  /** Where each deployment is. */
  readonly #places = new ByName((name) => this.#placeOf(name))

  constructor(options: Options, host: InvokerHost) {
    this.#options = options
    this.#url = new URL(options.url)
    this.#transport = host.transport(transportOptions(options))
    this.upgrade =
      options.upgradeUrl === null ? undefined : (invocation, sink) => this.#upgrade(invocation, sink)
  }

  check({ name }: DeploymentFacts): void {
    checkConnection(this.#url, this.#options)
    if (this.#options.upgradeUrl?.includes('?'))
      throw new Error('upgradeUrl has a query: queries come from the caller')
    if (!FUNCTION_NAME.test(name)) {
      throw new Error(
        `OpenFaaS cannot be asked for ${JSON.stringify(name)}: names are letters, digits, - _ and .`,
      )
    }
  }

  invoke(invocation: Invocation, sink: Sink): void {
    const { headers, method } = invocation
    const { functionName, calls } = this.#places.get(invocation.deployment.name)
    const answer = new PlatformAnswer(sink, {
      functionName,
      isHead: method === 'HEAD',
      contentType: headers.get('content-type'),
      streaming: method !== 'HEAD' && asksForStream(headers.get('accept')),
      sentAt: performance.now(),
      upstreamTimeoutMs: this.#options.upstreamTimeout,
    })
    prepare(headers, invocation)
    forward(this.#transport, calls, invocation, answer)
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  #upgrade(invocation: Invocation, sink: UpgradeSink): void {
    prepare(invocation.headers, invocation)
    const { upgrades } = this.#places.get(invocation.deployment.name)
    forwardUpgrade(this.#transport, upgrades!, invocation, sink)
  }

  #placeOf(name: string): Place {
    const { namespace, upgradeUrl } = this.#options
    const functionName = namespace === null ? name : `${name}.${namespace}`
    const base = joinPath(this.#url.pathname, `/function/${functionName}`)
    const past = upgradeUrl === null ? null : new URL(upgradeUrl.replace(PLACEHOLDER, functionName))
    return {
      functionName,
      calls: { origin: this.#url.origin, base },
      upgrades: past === null ? null : { origin: past.origin, base: past.pathname },
    }
  }
}

/**
 * The platform sets these only where they are missing, so that a caller's would be believed. `X-Callback-Url` would
 * make it call somebody else, and with no `Accept-Encoding` it would ask the function for gzip and undo that itself.
 */
function prepare(headers: HeaderList, { call }: Invocation): void {
  const host = headers.get('host')
  headers.remove('host')
  headers.remove('x-start-time')
  headers.remove('x-callback-url')
  headers.set('x-call-id', call.id)
  headers.set('x-forwarded-for', call.clientAddress)
  if (host !== null) headers.set('x-forwarded-host', host)
  else headers.remove('x-forwarded-host')
  if (!headers.has('accept-encoding')) headers.add('accept-encoding', 'identity')
}
