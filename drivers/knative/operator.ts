import type { DeploymentState, OperatorHost, ProbeResult } from '../../gateway/contract/driver.ts'
import type { HealthProbeOptions } from '../support/health-probe.ts'
import { ClusterOperator } from '../support/kubernetes/cluster-operator.ts'
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

/** Looks after services of Knative. */
export class KnativeOperator extends ClusterOperator {
  override readonly lifecycle: KnativeLifecycle
  readonly #services: Services

  /** @param health Says whether the platform serves calls; null when nobody can be asked. */
  constructor(
    { kubernetes, namespace, connectTimeout }: KnativeOperatorOptions,
    health: HealthProbeOptions | null,
    host: OperatorHost,
  ) {
    const services = new Services(createKubernetesApi(kubernetes, connectTimeout), namespace)
    super(services, { connectTimeout, health }, host)
    this.#services = services
    this.lifecycle = new KnativeLifecycle(services)
  }

  override async probe(signal?: AbortSignal): Promise<ProbeResult> {
    const health = await super.probe(signal)
    if (!health.ready) return health
    try {
      await this.#services.api.get(this.#services.path, signal, { limit: '1' })
      return health
    } catch (error) {
      return { ready: true, detail: `nothing is known of its functions: ${(error as Error).message}` }
    }
  }

  override async inventory(signal?: AbortSignal): Promise<readonly DeploymentState[]> {
    const [all, serving] = await Promise.all([this.#services.all(signal), this.#services.serving(signal)])
    const services = new Map(all.map((service) => [service.name, service]))
    return this.deployments.map(({ organization, name }) => {
      const { service: serviceName, tag } = splitName(name)
      const service = services.get(serviceName)
      const state = service === undefined ? GONE : stateOf(service, tag, serving)
      return { organization, name, ...state }
    })
  }
}
