import { type Static, Type } from 'typebox'
import type {
  DeploymentFacts,
  DriverDefinition,
  Invocation,
  Invoker,
  InvokerHost,
} from '../gateway/contract/driver.ts'
import type { HeaderList } from '../gateway/contract/headers.ts'
import { HeaderName, Maybe, Secret, Url } from '../gateway/contract/option-types.ts'
import type { Sink, UpgradeSink } from '../gateway/contract/sink.ts'
import type { Transport } from '../gateway/contract/transport.ts'
import { ByName } from './support/by-name.ts'
import { checkConnection, connectionFields, transportOptions } from './support/connection-options.ts'
import { forward, forwardUpgrade, type Target } from './support/forward.ts'
import { HealthOperator, saysReady } from './support/health-operator.ts'
import { leavesItsBase } from './support/upstream-path.ts'

const Options = Type.Object({
  url: Url({
    description:
      "Where the functions are. The caller's path is put behind the path of this URL; `{name}` in it becomes the name of the deployment.",
  }),
  preserveHost: Type.Boolean({
    default: false,
    description: "Sends the Host that the client sent instead of the URL's own.",
  }),
  credential: Maybe(
    Type.Object(
      {
        header: HeaderName({ default: 'authorization', description: 'Header that carries it.' }),
        value: Secret({ description: 'The whole value of the header, for example `Bearer …`.' }),
      },
      { description: 'What the backend demands of the gateway; replaces a header of the caller.' },
    ),
  ),
  health: Maybe(
    Type.String({
      pattern: '^/[!-"$-~]*$',
      expected: 'a path such as /healthz',
      description:
        'Path at the same host that is asked by GET, as often as `probe` says, whether the backend is there: any status from 200 to 399 says so. Left out: only calls that fail tell.',
    }),
  ),
  ...connectionFields,
})
type Options = Static<typeof Options>

/** Any HTTP server: whatever it answers is the answer of the function. */
export const driver: DriverDefinition<Options> = {
  kind: 'http',
  status: 'stable',
  description: 'Functions behind any HTTP or HTTPS URL.',
  options: Options,
  capabilities: { streaming: true, rawHttp: true },
  invoker: (options, host) => new HttpInvoker(options, host),
  operator: (options) => (options.health === null ? null : operatorFor(options, options.health)),
}

function operatorFor(options: Options, path: string): HealthOperator {
  const { url, credential } = options
  return new HealthOperator({
    origin: new URL(url).origin,
    path,
    headers: credential === null ? {} : { [credential.header]: credential.value },
    isReady: saysReady,
    connection: options,
  })
}

/** `{name}` as a parsed URL holds it. */
const PLACEHOLDER = '%7Bname%7D'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const NOT_A_FIELD_VALUE = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/

class HttpInvoker implements Invoker {
  readonly #options: Options
  readonly #transport: Transport
  readonly #url: URL
  /** Where each deployment is. */
  readonly #targets = new ByName((name) => this.#targetOf(name))

  constructor(options: Options, host: InvokerHost) {
    this.#options = options
    this.#transport = host.transport(transportOptions(options))
    this.#url = new URL(options.url)
  }

  check({ name }: DeploymentFacts): void {
    const { credential } = this.#options
    checkConnection(this.#url, this.#options)
    if (this.#url.host.includes('{')) throw new Error('{name} may stand in the path of url only')
    if (credential !== null && NOT_A_FIELD_VALUE.test(credential.value)) {
      throw new Error('credential.value has a character that no header can carry')
    }
    if (this.#url.pathname.includes(PLACEHOLDER) && leavesItsBase(`/${encodeURIComponent(name)}`)) {
      throw new Error(`the name ${JSON.stringify(name)} cannot be a part of a path`)
    }
  }

  invoke(invocation: Invocation, sink: Sink): void {
    this.#prepare(invocation.headers)
    forward(this.#transport, this.#targets.get(invocation.deployment.name), invocation, sink)
  }

  upgrade(invocation: Invocation, sink: UpgradeSink): void {
    this.#prepare(invocation.headers)
    forwardUpgrade(this.#transport, this.#targets.get(invocation.deployment.name), invocation, sink)
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  #prepare(headers: HeaderList): void {
    const { credential, preserveHost } = this.#options
    if (!preserveHost) headers.remove('host')
    if (credential !== null) headers.set(credential.header, credential.value)
  }

  #targetOf(name: string): Target {
    const base = this.#url.pathname.replaceAll(PLACEHOLDER, encodeURIComponent(name))
    return { origin: this.#url.origin, base }
  }
}
