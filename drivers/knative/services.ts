import type { KubernetesApi } from '../support/kubernetes/api.ts'
import { find } from '../support/kubernetes/change.ts'
import { listKind } from '../support/kubernetes/list-kind.ts'
import {
  API_VERSION,
  type Revision,
  ROUTING_LABEL,
  readRevision,
  readService,
  type Service,
} from './service.ts'

const PLATFORM = `Knative Serving (${API_VERSION})`

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
    const items = await listKind(this.api, this.path, PLATFORM, signal)
    return items.flatMap((item) => readService(item) ?? [])
  }

  /** The revisions that calls reach, by name. */
  async serving(signal: AbortSignal | undefined): Promise<ReadonlyMap<string, Revision>> {
    const query = { labelSelector: `${ROUTING_LABEL}=active` }
    const items = await listKind(this.api, `${this.base}/revisions`, PLATFORM, signal, query)
    const revisions = items.flatMap((item) => readRevision(item) ?? [])
    return new Map(revisions.map((revision) => [revision.name, revision]))
  }

  /** Null when there is none of that name. */
  async revision(name: string, signal: AbortSignal | undefined): Promise<Revision | null> {
    const path = `${this.base}/revisions/${encodeURIComponent(name)}`
    return readRevision(await find(this.api, path, signal))
  }
}
