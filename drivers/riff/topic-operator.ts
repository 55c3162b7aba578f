import type {
  DeploymentFacts,
  DeploymentState,
  Operator,
  OperatorHost,
  ProbeResult,
} from '../../gateway/contract/driver.ts'
import type { PlatformApi } from '../../gateway/contract/platform-api.ts'
import type { HealthProbe } from '../support/health-probe.ts'
import type { LentApi } from '../support/kubernetes/lent-api.ts'
import { TopicLifecycle } from './topic-lifecycle.ts'
import { topicState } from './topic-state.ts'
import type { Topics } from './topics.ts'

interface TopicOperatorParts {
  readonly topics: Topics
  readonly lent: LentApi
  readonly health: HealthProbe
  /** Whether callers wait for a reply. */
  readonly needsFunction: boolean
}

/** Looks after the functions behind topics by the API of their cluster, and asks the gateway of riff how it is. */
export class TopicOperator implements Operator {
  readonly lifecycle: TopicLifecycle
  readonly #topics: Topics
  readonly #lent: LentApi
  readonly #health: HealthProbe
  readonly #needsFunction: boolean
  #deployments: readonly DeploymentFacts[]

  constructor({ topics, lent, health, needsFunction }: TopicOperatorParts, host: OperatorHost) {
    this.#topics = topics
    this.#lent = lent
    this.#health = health
    this.#needsFunction = needsFunction
    this.#deployments = host.deployments
    this.lifecycle = new TopicLifecycle(topics)
  }

  get api(): PlatformApi | undefined {
    return this.#lent.current
  }

  open(): Promise<void> {
    return this.#topics.api.open()
  }

  async update(deployments: readonly DeploymentFacts[]): Promise<void> {
    this.#deployments = deployments
  }

  probe(signal?: AbortSignal): Promise<ProbeResult> {
    return this.#health.probe(signal)
  }

  async inventory(signal?: AbortSignal): Promise<readonly DeploymentState[]> {
    const facts = await this.#topics.facts(signal)
    return this.#deployments.map(({ organization, name }) => ({
      organization,
      name,
      ...topicState(name, facts, this.#needsFunction),
    }))
  }

  async close(): Promise<void> {
    await Promise.all([this.#health.close(), this.#topics.api.close()])
  }
}
