import { type Static, Type } from 'typebox'
import type {
  DeploymentFacts,
  DriverDefinition,
  Invocation,
  Invoker,
  InvokerHost,
} from '../gateway/contract/driver.ts'
import { HeaderName, Maybe, Secret, Url } from '../gateway/contract/option-types.ts'
import type { Sink, UpgradeSink } from '../gateway/contract/sink.ts'
import type { Transport } from '../gateway/contract/transport.ts'
import { HttpOperator } from './http/operator.ts'
import { checkConnection, connectionFields, transportOptions } from './support/connection-options.ts'
import { failAtOnce } from './support/fail-at-once.ts'
import { joinPath, leavesItsBase } from './support/upstream-path.ts'

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
  operator: (options) => (options.health === null ? null : new HttpOperator(options, options.health)),
}

/** `{name}` as a parsed URL holds it. */
const PLACEHOLDER = '%7Bname%7D'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const NOT_A_FIELD_VALUE = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/

class HttpInvoker implements Invoker {
  readonly #options: Options
  readonly #transport: Transport
  readonly #url: URL
  readonly #origin: string
  readonly #preserveHost: boolean
  /** Path of the URL for a deployment, by the deployment's name. Holds as many as are configured. */
  readonly #bases = new Map<string, string>()

  constructor(options: Options, host: InvokerHost) {
    this.#options = options
    this.#transport = host.transport(transportOptions(options))
    this.#url = new URL(options.url)
    this.#origin = this.#url.origin
    this.#preserveHost = options.preserveHost
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
    const path = this.#prepare(invocation, sink)
    if (path === null) return
    this.#transport.send(
      {
        origin: this.#origin,
        method: invocation.method,
        path,
        headers: invocation.headers.flat,
        body: invocation.body,
        bodyLength: invocation.bodyLength,
      },
      sink,
    )
  }

  upgrade(invocation: Invocation, sink: UpgradeSink): void {
    const path = this.#prepare(invocation, sink)
    if (path === null) return
    this.#transport.upgrade({ origin: this.#url.origin, path, headers: invocation.headers.flat }, sink)
  }

  close(): Promise<void> {
    return this.#transport.close()
  }

  /** Edits the headers. The path of the request, or null once the attempt has failed. */
  #prepare({ deployment, headers, path }: Invocation, sink: Sink): string | null {
    const { credential } = this.#options
    if (leavesItsBase(path)) {
      failAtOnce(sink, 'driver-error', 'the path leaves the base of the URL')
      return null
    }
    if (!this.#preserveHost) headers.remove('host')
    if (credential !== null) headers.set(credential.header, credential.value)
    return joinPath(this.#base(deployment.name), path)
  }

  #base(name: string): string {
    let base = this.#bases.get(name)
    if (base === undefined) {
      base = this.#url.pathname.replaceAll(PLACEHOLDER, encodeURIComponent(name))
      this.#bases.set(name, base)
    }
    return base
  }
}
