import type {
  DeploymentFacts,
  DeploymentState,
  Operator,
  OperatorHost,
  ProbeResult,
} from '../../../gateway/contract/driver.ts'
import type { Lifecycle } from '../../../gateway/contract/lifecycle.ts'
import type { PlatformApi } from '../../../gateway/contract/platform-api.ts'
import { HealthProbe, type HealthProbeOptions } from '../health-probe.ts'
import type { KubernetesApi } from './api.ts'
import { LentApi } from './lent-api.ts'

/** What a platform has in one namespace of a cluster. */
interface ClusterObjects {
  readonly api: KubernetesApi
  /** Path below which all of it is: what administrators are lent. */
  readonly base: string
}

interface ClusterOperatorOptions {
  /** Milliseconds. */
  readonly connectTimeout: number
  /** Says whether the platform serves calls; null when nobody can be asked. */
  readonly health: HealthProbeOptions | null
}

const UNASKED: ProbeResult = { ready: true, detail: 'healthy' }

/**
 * Looks after a platform by the API of its cluster. Calls do not go by that API: that it is away says nothing about
 * whether they are served, only that nothing is known.
 */
export abstract class ClusterOperator implements Operator {
  abstract readonly lifecycle: Lifecycle
  protected deployments: readonly DeploymentFacts[]
  readonly #cluster: KubernetesApi
  readonly #lent: LentApi
  readonly #health: HealthProbe | null

  constructor(
    { api, base }: ClusterObjects,
    { connectTimeout, health }: ClusterOperatorOptions,
    { deployments }: OperatorHost,
  ) {
    this.deployments = deployments
    this.#cluster = api
    this.#lent = new LentApi(api, base, connectTimeout)
    this.#health = health === null ? null : new HealthProbe(health)
  }

  abstract inventory(signal?: AbortSignal): Promise<readonly DeploymentState[]>

  get api(): PlatformApi | undefined {
    return this.#lent.current
  }

  open(): Promise<void> {
    return this.#cluster.open()
  }

  async update(deployments: readonly DeploymentFacts[]): Promise<void> {
    this.deployments = deployments
  }

  async probe(signal?: AbortSignal): Promise<ProbeResult> {
    return (await this.#health?.probe(signal)) ?? UNASKED
  }

  async close(): Promise<void> {
    await Promise.all([this.#health?.close(), this.#cluster.close()])
  }
}
