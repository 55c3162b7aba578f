import type { Agent } from 'undici'
import type {
  DeploymentFacts,
  DeploymentState,
  Operator,
  OperatorHost,
  ProbeResult,
} from '../../gateway/contract/driver.ts'
import type { PlatformApi } from '../../gateway/contract/platform-api.ts'
import type { Log } from '../../gateway/contract/plugin.ts'
import { administrationAgent } from '../support/administration-agent.ts'
import { type ConnectionOptions, transportOptions } from '../support/connection-options.ts'
import { HealthProbe, probeAgent, reasonOf } from '../support/health-probe.ts'
import { Administration, AdministrationRefused, type Administrator } from './administration.ts'
import { splitName } from './function-name.ts'
import { OpenFaasLifecycle } from './lifecycle.ts'
import type { ListedFunction } from './listed-function.ts'

export interface OpenFaasOperatorOptions extends ConnectionOptions {
  readonly namespace: string | null
  readonly administrator: Administrator | null
}

/** Is the platform there, what runs on it, and what administrators ask of it. */
export class OpenFaasOperator implements Operator {
  readonly #options: OpenFaasOperatorOptions
  readonly #log: Log
  readonly #health: HealthProbe
  readonly #agent: Agent
  readonly #administration: Administration
  readonly #lifecycleAgent: Agent
  readonly lifecycle: OpenFaasLifecycle
  readonly api: PlatformApi
  #deployments: readonly DeploymentFacts[]
  /** The platform tells administrators only, and there is no credential. */
  #isClosed = false

  constructor(url: URL, options: OpenFaasOperatorOptions, host: OperatorHost) {
    const base = url.pathname.replace(/\/$/, '')
    this.#options = options
    this.#log = host.log
    this.#deployments = host.deployments
    this.#health = new HealthProbe({
      origin: url.origin,
      path: `${base}/healthz`,
      headers: {},
      isReady: (status) => status === 200,
      connection: options,
    })
    this.#agent = probeAgent(options)
    this.#administration = new Administration(url.origin + base, options.administrator, this.#agent)
    this.#lifecycleAgent = administrationAgent(options)
    const asked = new Administration(url.origin + base, options.administrator, this.#lifecycleAgent)
    this.lifecycle = new OpenFaasLifecycle(asked, options.namespace, () => this.#deployments)
    this.api = {
      origin: url.origin,
      base,
      connection: transportOptions(options),
      signedBodyBytes: 0,
      // A caller's own would have the platform call somebody, or be believed as where the call came from.
      identityFields: ['x-callback-url'],
      authorize: async () => this.#administration.headers,
    }
  }

  async open(): Promise<void> {}

  async update(deployments: readonly DeploymentFacts[]): Promise<void> {
    this.#deployments = deployments
  }

  probe(signal?: AbortSignal): Promise<ProbeResult> {
    return this.#health.probe(signal)
  }

  async inventory(signal?: AbortSignal): Promise<readonly DeploymentState[]> {
    if (this.#isClosed) return []
    try {
      return await this.#states(signal)
    } catch (error) {
      const refused = error instanceof AdministrationRefused ? error.status : 0
      if (refused !== 401 && refused !== 403) throw new Error(`the inventory failed: ${reasonOf(error)}`)
      if (this.#options.administrator !== null) throw new Error('the platform refuses the administrator')
      this.#isClosed = true
      this.#log.info({}, 'the platform tells administrators only what runs: `administrator` is not set')
      return []
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#health.close(), this.#agent.destroy(), this.#lifecycleAgent.destroy()])
  }

  async #states(signal: AbortSignal | undefined): Promise<DeploymentState[]> {
    const namespaces = new Map<string | null, Map<string, ListedFunction>>()
    const states: DeploymentState[] = []
    for (const deployment of this.#deployments) {
      const { name, namespace } = splitName(deployment.name, this.#options.namespace)
      let listed = namespaces.get(namespace)
      if (listed === undefined) {
        listed = await this.#list(namespace, signal)
        namespaces.set(namespace, listed)
      }
      try {
        // Asked for alone before it counts as gone: the list may be that of somebody who does not see all.
        const found = listed.get(name) ?? (await this.#administration.function(name, namespace, signal))
        if (found !== null) listed.set(name, found)
        states.push(stateOf(deployment, found))
      } catch (error) {
        if (!(error instanceof AdministrationRefused) || error.status === 401) throw error
      }
    }
    return states
  }

  /** Empty when the platform cannot list: gateways before 2023 crash at it where there is no Prometheus. */
  async #list(
    namespace: string | null,
    signal: AbortSignal | undefined,
  ): Promise<Map<string, ListedFunction>> {
    try {
      const functions = await this.#administration.functions(namespace, signal)
      return new Map(functions.map((each) => [each.name, each]))
    } catch (error) {
      if (signal?.aborted || (error instanceof AdministrationRefused && error.status < 404)) throw error
      return new Map()
    }
  }
}

/** One that is scaled to zero is ready: the platform starts it for a call and holds the call until then. */
function stateOf({ organization, name }: DeploymentFacts, found: ListedFunction | null): DeploymentState {
  if (found === null) return { organization, name, ready: false, replicas: null, limit: null }
  const { replicas, mostInFlight } = found
  const limit = mostInFlight === null ? null : mostInFlight * Math.max(1, replicas ?? 1)
  return { organization, name, ready: true, replicas, limit }
}
