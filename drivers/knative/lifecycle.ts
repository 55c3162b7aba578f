import type { DeploymentFacts } from '../../gateway/contract/driver.ts'
import {
  type DeployOrder,
  type Lifecycle,
  type LogLine,
  type LogsWanted,
  type PlatformFunction,
  PlatformRefusal,
  type TellProgress,
} from '../../gateway/contract/lifecycle.ts'
import { imageOf, type OrderField, refuseBeyond } from '../support/deploy-order.ts'
import { change, find } from '../support/kubernetes/change.ts'
import { PodLogs } from '../support/kubernetes/pod-logs.ts'
import { asked, KubernetesRefusal } from '../support/kubernetes/refusal.ts'
import { scaledService, serviceFor } from './manifest.ts'
import { waitForRollout } from './rollout.ts'
import { REVISION_LABEL, readService, SERVICE_LABEL } from './service.ts'
import { splitName } from './service-name.ts'
import { stateOf } from './service-state.ts'
import type { Services } from './services.ts'

/** The platform's container beside that of the function. */
const SIDECARS = ['queue-proxy']

const KEEPS: readonly OrderField[] = [
  ...(['environment', 'labels', 'memoryBytes', 'cpuMillis', 'gpus'] as const),
  ...(['concurrency', 'minReplicas', 'maxReplicas', 'timeoutMs'] as const),
]

/** Services of Knative listed, deployed, scaled, removed, and the logs of their pods. */
export class KnativeLifecycle implements Lifecycle {
  readonly #services: Services

  constructor(services: Services) {
    this.#services = services
  }

  list(signal: AbortSignal): Promise<readonly PlatformFunction[]> {
    return asked(async () => {
      const [all, serving] = await Promise.all([this.#services.all(signal), this.#services.serving(signal)])
      return all.map((service) => {
        const { name, image, labels } = service
        return { name, ...stateOf(service, null, serving), source: image, labels }
      })
    })
  }

  /** A tag is no service of its own. */
  listedAs({ name }: DeploymentFacts): string {
    return splitName(name).service
  }

  deploy(order: DeployOrder, progress: TellProgress, signal: AbortSignal): Promise<'created' | 'updated'> {
    return asked(async () => {
      const { api, namespace } = this.#services
      const { name, place } = this.#place(order.deployment, 'deployed')
      refuseBeyond(order, 'Knative', KEEPS)
      const image = imageOf(order, 'Knative')
      const edit = (existing: unknown) => serviceFor({ order, image, namespace, nowMs: Date.now() }, existing)
      const { result } = await change(api, place, edit, signal).catch((error: unknown) => {
        // What is not found is a namespace, or Knative itself: never the function.
        if (!(error instanceof KubernetesRefusal) || error.status !== 404) throw error
        throw new PlatformRefusal('failed', error.message)
      })
      await waitForRollout(this.#services, name, progress, signal)
      return result
    })
  }

  remove(deployment: DeploymentFacts, signal: AbortSignal): Promise<void> {
    return asked(async () => {
      const { place } = this.#place(deployment, 'removed')
      await this.#services.api.delete(place.object, signal)
    })
  }

  /** The least number of replicas; the platform starts more as calls come, up to what the service allows. */
  scale(deployment: DeploymentFacts, replicas: number, signal: AbortSignal): Promise<void> {
    return asked(async () => {
      const { name, place } = this.#place(deployment, 'scaled')
      const edit = (existing: unknown) => {
        if (existing === null) throw missing(name)
        return scaledService(existing, replicas)
      }
      await change(this.#services.api, place, edit, signal)
    })
  }

  async *logs(deployment: DeploymentFacts, wanted: LogsWanted, signal: AbortSignal): AsyncIterable<LogLine> {
    const { api, namespace } = this.#services
    const selector = await asked(() => this.#selectorOf(deployment.name, signal))
    yield* new PodLogs(api, { namespace, selector, sidecars: SIDECARS }).read(wanted, signal)
  }

  async #selectorOf(name: string, signal: AbortSignal): Promise<string> {
    const { service: serviceName, tag } = splitName(name)
    const service = readService(await find(this.#services.api, this.#services.pathOf(serviceName), signal))
    if (service === null) throw missing(serviceName)
    if (tag === null) return `${SERVICE_LABEL}=${serviceName}`
    const share = service.shares.find((each) => each.tag === tag)
    if (share === undefined) throw missing(name)
    return `${REVISION_LABEL}=${share.revision}`
  }

  /** @throws PlatformRefusal For a tag: it leads to a revision of a service that others are called by too. */
  #place({ name }: DeploymentFacts, verb: string) {
    const { service, tag } = splitName(name)
    if (tag !== null) {
      throw new PlatformRefusal(
        'unsupported',
        `${name} is a tag: the service ${service} as a whole can be ${verb}, where a tag leads is said in its spec`,
      )
    }
    return { name, place: { list: this.#services.path, object: this.#services.pathOf(service) } }
  }
}

function missing(name: string): PlatformRefusal {
  return new PlatformRefusal('not-found', `there is no service ${name}`)
}
