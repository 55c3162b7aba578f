import type { Agent } from 'undici'
import type {
  DeploymentFacts,
  DeploymentState,
  Operator,
  OperatorHost,
  ProbeResult,
} from '../../gateway/contract/driver.ts'
import type { Lifecycle } from '../../gateway/contract/lifecycle.ts'
import type { PlatformApi } from '../../gateway/contract/platform-api.ts'
import { administrationAgent } from '../support/administration-agent.ts'
import { transportOptions } from '../support/connection-options.ts'
import { HealthProbe, probeAgent } from '../support/health-probe.ts'
import { joinPath } from '../support/upstream-path.ts'
import type { ActionOptions } from './action-invoker.ts'
import { actionPath } from './action-name.ts'
import { basic, namespacePath } from './api.ts'
import { OpenWhiskLifecycle } from './lifecycle.ts'
import { WhiskApi } from './whisk-api.ts'

/** Milliseconds that the platform has for all of it when nobody says how long. */
const INVENTORY_MS = 30_000

/** Looks after whether key and platform work, and which actions exist, and has the platform change them. */
export class OpenWhiskOperator implements Operator {
  readonly lifecycle: Lifecycle
  readonly api: PlatformApi
  readonly #api: WhiskApi
  readonly #health: HealthProbe
  readonly #agent: Agent
  /** Of what administrators ask: the inventory does not wait for it. */
  readonly #administration: Agent
  #deployments: readonly DeploymentFacts[]

  constructor(options: ActionOptions, key: string, host: OperatorHost) {
    const url = new URL(options.url)
    const path = namespacePath(url, options.namespace)
    const authorization = basic(key)
    this.#deployments = host.deployments
    this.#health = new HealthProbe({
      origin: url.origin,
      path: `${path}/actions?limit=1`,
      headers: { authorization },
      isReady: (status) => status === 200,
      connection: options,
    })
    this.#agent = probeAgent(options)
    this.#administration = administrationAgent(options)
    this.#api = new WhiskApi(url.origin + path, authorization, this.#agent)
    this.api = {
      origin: url.origin,
      base: joinPath(url.pathname, '/api/v1'),
      connection: transportOptions(options),
      signedBodyBytes: 0,
      identityFields: [],
      authorize: async () => ({ authorization }),
    }
    const actions = new WhiskApi(url.origin + path, authorization, this.#administration)
    this.lifecycle = new OpenWhiskLifecycle(actions, {
      web: options.call === 'web',
      secret: options.webSecret,
    })
  }

  async open(): Promise<void> {}

  async update(deployments: readonly DeploymentFacts[]): Promise<void> {
    this.#deployments = deployments
  }

  probe(signal?: AbortSignal): Promise<ProbeResult> {
    return this.#health.probe(signal)
  }

  /** The platform starts containers as calls come: how many run, it does not say. */
  async inventory(
    signal: AbortSignal = AbortSignal.timeout(INVENTORY_MS),
  ): Promise<readonly DeploymentState[]> {
    const states: DeploymentState[] = []
    for (const { organization, name } of this.#deployments) {
      const { status } = await this.#api.ask('GET', `/actions/${actionPath(name)}?code=false`, signal)
      if (status !== 200 && status !== 404) throw new Error(`GET actions/… answers ${status}`)
      states.push({ organization, name, ready: status === 200, replicas: null, limit: null })
    }
    return states
  }

  async close(): Promise<void> {
    await Promise.all([this.#health.close(), this.#agent.destroy(), this.#administration.destroy()])
  }
}
