import type { KubernetesApi } from '../support/kubernetes/api.ts'
import { KubernetesRefusal } from '../support/kubernetes/refusal.ts'
import {
  API_VERSION,
  type Revision,
  ROUTING_LABEL,
  readRevision,
  readService,
  type Service,
} from './service.ts'

/** The Services of Knative in one namespace, by the API of their cluster. Rejects as that does. */
export class Services {
  readonly api: KubernetesApi
  readonly namespace: string
  /** Path below which all that is Knative's is. */
  readonly base: string

  constructor(api: KubernetesApi, namespace: string) {
    this.api = api
    this.namespace = namespace
    this.base = `/apis/${API_VERSION}/namespaces/${encodeURIComponent(namespace)}`
  }

  get path(): string {
    return `${this.base}/services`
  }

  pathOf(name: string): string {
    return `${this.path}/${encodeURIComponent(name)}`
  }

  async all(signal: AbortSignal | undefined): Promise<readonly Service[]> {
    const items = await this.#known(this.api.list(this.path, signal))
    return items.flatMap((item) => readService(item) ?? [])
  }

  /** The revisions that calls reach, by name. */
  async serving(signal: AbortSignal | undefined): Promise<ReadonlyMap<string, Revision>> {
    const query = { labelSelector: `${ROUTING_LABEL}=active` }
    const items = await this.#known(this.api.list(`${this.base}/revisions`, signal, query))
    const revisions = items.flatMap((item) => readRevision(item) ?? [])
    return new Map(revisions.map((revision) => [revision.name, revision]))
  }

  /** Null when there is none of that name. */
  async revision(name: string, signal: AbortSignal | undefined): Promise<Revision | null> {
    try {
      return readRevision(await this.api.get(`${this.base}/revisions/${encodeURIComponent(name)}`, signal))
    } catch (error) {
      if (error instanceof KubernetesRefusal && error.status === 404) return null
      throw error
    }
  }

  /** A list that is not found is that of a kind which the cluster does not have. */
  async #known<Result>(asked: Promise<Result>): Promise<Result> {
    try {
      return await asked
    } catch (error) {
      if (error instanceof KubernetesRefusal && error.status === 404) {
        throw new KubernetesRefusal(404, error.reason, `the cluster has no Knative Serving (${API_VERSION})`)
      }
      throw error
    }
  }
}
