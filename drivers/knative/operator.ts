import type {
  DeploymentFacts,
  DeploymentState,
  Operator,
  OperatorHost,
  ProbeResult,
} from '../../gateway/contract/driver.ts'
import type { PlatformApi } from '../../gateway/contract/platform-api.ts'
import { HealthProbe, type HealthProbeOptions } from '../support/health-probe.ts'
import { LentApi } from '../support/kubernetes/lent-api.ts'
import { createKubernetesApi, type KubernetesOptions } from '../support/kubernetes/options.ts'
import { KnativeLifecycle } from './lifecycle.ts'
import { splitName } from './service-name.ts'
import { GONE, stateOf } from './service-state.ts'
import { Services } from './services.ts'

interface KnativeOperatorOptions {
  readonly kubernetes: KubernetesOptions
  readonly namespace: string
  readonly connectTimeout: number
}

/** @param health Says whether the platform serves calls; null when nobody can be asked. */
export function createKnativeOperator(
  { kubernetes, namespace, connectTimeout }: KnativeOperatorOptions,
  health: HealthProbeOptions | null,
  host: OperatorHost,
): KnativeOperator {
  const services = new Services(createKubernetesApi(kubernetes, connectTimeout), namespace)
  const lent = new LentApi(services.api, services.base, connectTimeout)
  return new KnativeOperator(
    { services, lent, health: health === null ? null : new HealthProbe(health) },
    host,
  )
}

interface KnativeOperatorParts {
  readonly services: Services
  readonly lent: LentApi
  readonly health: HealthProbe | null
}

/**
 * Looks after services by the API of their cluster. Calls do not go by that API: that it is away says nothing about
 * whether they are served, only that nothing is known.
 */
export class KnativeOperator implements Operator {
  readonly lifecycle: KnativeLifecycle
  readonly #services: Services
  readonly #lent: LentApi
  readonly #health: HealthProbe | null
  #deployments: readonly DeploymentFacts[]

  constructor({ services, lent, health }: KnativeOperatorParts, host: OperatorHost) {
    this.#services = services
    this.#lent = lent
    this.#health = health
    this.#deployments = host.deployments
    this.lifecycle = new KnativeLifecycle(services)
  }

  get api(): PlatformApi | undefined {
    return this.#lent.current
  }

  open(): Promise<void> {
    return this.#services.api.open()
  }

  async update(deployments: readonly DeploymentFacts[]): Promise<void> {
    this.#deployments = deployments
  }

  async probe(signal?: AbortSignal): Promise<ProbeResult> {
    const health = await this.#health?.probe(signal)
    if (health?.ready === false) return health
    try {
      await this.#services.api.get(this.#services.path, signal, { limit: '1' })
      return { ready: true, detail: 'healthy' }
    } catch (error) {
      return { ready: true, detail: `nothing is known of its functions: ${(error as Error).message}` }
    }
  }

  async inventory(signal?: AbortSignal): Promise<readonly DeploymentState[]> {
    const [all, serving] = await Promise.all([this.#services.all(signal), this.#services.serving(signal)])
    const services = new Map(all.map((service) => [service.name, service]))
    return this.#deployments.map(({ organization, name }) => {
      const { service: serviceName, tag } = splitName(name)
      const service = services.get(serviceName)
      const state = service === undefined ? GONE : stateOf(service, tag, serving)
      return { organization, name, ...state }
    })
  }

  async close(): Promise<void> {
    await Promise.all([this.#health?.close(), this.#services.api.close()])
  }
}
