import type { DeploymentState, OperatorHost } from '../../gateway/contract/driver.ts'
import type { HealthProbeOptions } from '../support/health-probe.ts'
import { ClusterOperator } from '../support/kubernetes/cluster-operator.ts'
import { createKubernetesApi, type KubernetesOptions } from '../support/kubernetes/options.ts'
import { TopicLifecycle } from './topic-lifecycle.ts'
import { topicState } from './topic-state.ts'
import { Topics } from './topics.ts'

interface TopicOperatorOptions {
  readonly kubernetes: KubernetesOptions
  readonly namespace: string
  readonly connectTimeout: number
  readonly exchange: 'requests' | 'messages'
}

/** Looks after the functions behind topics, and asks the gateway of riff how it is. */
export class TopicOperator extends ClusterOperator {
  override readonly lifecycle: TopicLifecycle
  readonly #topics: Topics
  /** Callers wait for a reply. */
  readonly #needsFunction: boolean

  constructor(options: TopicOperatorOptions, health: HealthProbeOptions, host: OperatorHost) {
    const { kubernetes, namespace, connectTimeout, exchange } = options
    const topics = new Topics(createKubernetesApi(kubernetes, connectTimeout), namespace)
    super(topics, { connectTimeout, health }, host)
    this.lifecycle = new TopicLifecycle(topics)
    this.#topics = topics
    this.#needsFunction = exchange === 'requests'
  }

  override async inventory(signal?: AbortSignal): Promise<readonly DeploymentState[]> {
    const facts = await this.#topics.facts(signal)
    return this.deployments.map(({ organization, name }) => ({
      organization,
      name,
      ...topicState(name, facts, this.#needsFunction),
    }))
  }
}
