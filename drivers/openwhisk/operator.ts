import { type Agent, request } from 'undici'
import type {
  DeploymentFacts,
  DeploymentState,
  Operator,
  OperatorHost,
  ProbeResult,
} from '../../gateway/contract/driver.ts'
import { HealthProbe, probeAgent } from '../support/health-probe.ts'
import type { ActionOptions } from './action-invoker.ts'
import { actionPath } from './action-name.ts'
import { basic, namespacePath } from './api.ts'

/** Actions are deployed by others; what is looked after is whether key and platform work, and which actions exist. */
export class OpenWhiskOperator implements Operator {
  readonly #base: string
  readonly #headers: Record<string, string>
  readonly #health: HealthProbe
  readonly #agent: Agent
  #deployments: readonly DeploymentFacts[]

  constructor(options: ActionOptions, key: string, host: OperatorHost) {
    const url = new URL(options.url)
    const path = namespacePath(url, options.namespace)
    this.#base = url.origin + path
    this.#headers = { authorization: basic(key) }
    this.#deployments = host.deployments
    this.#health = new HealthProbe({
      origin: url.origin,
      path: `${path}/actions?limit=1`,
      headers: this.#headers,
      isReady: (status) => status === 200,
      connection: options,
    })
    this.#agent = probeAgent(options)
  }

  async open(): Promise<void> {}

  async update(deployments: readonly DeploymentFacts[]): Promise<void> {
    this.#deployments = deployments
  }

  probe(signal?: AbortSignal): Promise<ProbeResult> {
    return this.#health.probe(signal)
  }

  /** The platform starts containers as calls come: how many run, it does not say. */
  async inventory(signal?: AbortSignal): Promise<readonly DeploymentState[]> {
    const states: DeploymentState[] = []
    for (const { organization, name } of this.#deployments) {
      const answer = await request(`${this.#base}/actions/${actionPath(name)}?code=false`, {
        dispatcher: this.#agent,
        headers: this.#headers,
        signal,
      })
      await answer.body.dump()
      const { statusCode } = answer
      if (statusCode !== 200 && statusCode !== 404) throw new Error(`GET actions/… answers ${statusCode}`)
      states.push({ organization, name, ready: statusCode === 200, replicas: null, limit: null })
    }
    return states
  }

  async close(): Promise<void> {
    await Promise.all([this.#health.close(), this.#agent.destroy()])
  }
}
