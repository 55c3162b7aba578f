import type { KubernetesServer } from './kubernetes-server.ts'
import type { Resource, StoredObject } from './object-store.ts'

const GROUP = 'serving.knative.dev'
const API_VERSION = `${GROUP}/v1`

const resource = (plural: string): Resource => ({ group: GROUP, version: 'v1', namespace: 'default', plural })
export const SERVICES = resource('services')
export const REVISIONS = resource('revisions')

type Status = 'True' | 'False' | 'Unknown'

/** What becomes of a revision. */
export interface Fate {
  /** Why its container does not come up; null when it does. */
  readonly failure: { readonly reason: string; readonly message: string } | null
  /** Pods that it has once it is ready. */
  readonly replicas: number
}

interface ServiceSpec {
  readonly template: { readonly metadata?: Metadata; readonly spec: Record<string, unknown> }
  readonly traffic?: readonly {
    readonly revisionName?: string
    readonly percent?: number
    readonly tag?: string
  }[]
}

interface Metadata {
  readonly name?: string
  readonly annotations?: Record<string, string>
}

/**
 * The controllers of Knative Serving (98e5ef9) as far as they are seen in the API: each step of a rollout is one
 * {@link step}, so that a test sees what lies between. Conditions, reasons and messages are those of the sources.
 */
export class KnativeController {
  readonly #api: KubernetesServer
  /** By the image of the container; a revision of any other becomes ready with one pod. */
  readonly fates = new Map<string, Fate>()

  constructor(api: KubernetesServer) {
    this.#api = api
  }

  /** Steps whenever the API was asked: rollouts go on as somebody looks. */
  run(): void {
    this.#api.answered = () => this.step()
  }

  /** Steps until nothing more happens. */
  settle(): void {
    for (let i = 0; i < 6; i++) this.step()
  }

  step(): void {
    const { objects } = this.#api
    const services = objects.all(SERVICES)
    const uids = new Set(services.map(({ metadata }) => metadata.uid))
    for (const { metadata } of objects.all(REVISIONS)) {
      if (!uids.has(metadata.labels![`${GROUP}/serviceUID`]!)) objects.delete(REVISIONS, metadata.name)
    }
    for (const service of services) this.#stepOf(service)
  }

  /** A revision is scaled by the autoscaler. */
  scale(revision: string, replicas: number): void {
    const found = this.#api.objects.get(REVISIONS, revision)
    const status = { ...(found.status as object), actualReplicas: replicas, desiredReplicas: replicas }
    this.#api.objects.replace(REVISIONS, revision, { ...found, status }, true)
  }

  #stepOf(service: StoredObject): void {
    const { name, generation } = service.metadata
    const { template } = service.spec as ServiceSpec
    const revisionName = template.metadata?.name ?? `${name}-${String(generation).padStart(5, '0')}`
    const revision = this.#api.objects.find(REVISIONS, revisionName)
    if (revision === null) {
      this.#create(service, revisionName, template)
      return
    }
    const [container] = template.spec['containers'] as { readonly image: string }[]
    const fate = this.fates.get(container!.image) ?? { failure: null, replicas: 1 }
    const seen = (revision.status as { conditions?: unknown } | undefined)?.conditions !== undefined
    if (!seen) {
      this.#say(REVISIONS, revision, {
        conditions: conditions(
          { ContainerHealthy: 'Unknown', ResourcesAvailable: 'Unknown' },
          'Deploying',
          '',
        ),
        actualReplicas: 0,
        desiredReplicas: 1,
      })
      return
    }
    this.#finish(service, revision, fate)
  }

  #create(service: StoredObject, name: string, template: ServiceSpec['template']): void {
    const { name: serviceName, uid } = service.metadata
    const labels = {
      [`${GROUP}/service`]: serviceName,
      [`${GROUP}/serviceUID`]: uid,
      [`${GROUP}/routingState`]: 'pending',
    }
    const annotations = template.metadata?.annotations ?? {}
    const metadata = { name, labels, annotations }
    this.#api.objects.create(REVISIONS, {
      apiVersion: API_VERSION,
      kind: 'Revision',
      metadata,
      spec: template.spec,
    })
    const before = (service.status ?? {}) as Record<string, unknown>
    const isFirst = before['latestReadyRevisionName'] === undefined
    this.#say(SERVICES, service, {
      ...before,
      observedGeneration: service.metadata.generation,
      latestCreatedRevisionName: name,
      conditions: [
        condition('ConfigurationsReady', 'Unknown'),
        condition('Ready', 'Unknown'),
        isFirst
          ? condition('RoutesReady', 'Unknown', 'RevisionMissing', missing(service, 'is not ready'))
          : condition('RoutesReady', 'True'),
      ],
    })
  }

  #finish(service: StoredObject, revision: StoredObject, { failure, replicas }: Fate): void {
    const before = service.status as Record<string, unknown>
    const { name } = revision.metadata
    const done = before['conditions'] as { readonly type: string; readonly status: Status }[]
    if (done.some(({ type, status }) => type === 'Ready' && status !== 'Unknown')) return
    if (failure === null) {
      this.#say(REVISIONS, revision, {
        conditions: conditions({ ContainerHealthy: 'True', Ready: 'True', ResourcesAvailable: 'True' }),
        actualReplicas: replicas,
        desiredReplicas: replicas,
      })
      const { traffic = [{ percent: 100 }] } = service.spec as ServiceSpec
      const shares = traffic.map((share) => ({ ...share, revisionName: share.revisionName ?? name }))
      for (const { revisionName } of shares) this.#label(revisionName, 'active')
      this.#say(SERVICES, service, {
        ...before,
        latestReadyRevisionName: name,
        url: `http://${service.metadata.name}.default.example.com`,
        traffic: shares,
        conditions: conditions({ ConfigurationsReady: 'True', Ready: 'True', RoutesReady: 'True' }),
      })
      return
    }
    const { reason, message } = failure
    this.#say(REVISIONS, revision, {
      conditions: conditions({ ContainerHealthy: 'False', Ready: 'False' }, reason, message),
      actualReplicas: 0,
      desiredReplicas: 0,
    })
    const said = `Revision "${name}" failed with message: ${message}.`
    const isFirst = before['latestReadyRevisionName'] === undefined
    this.#say(SERVICES, service, {
      ...before,
      conditions: [
        ...conditions({ ConfigurationsReady: 'False', Ready: 'False' }, 'RevisionFailed', said),
        isFirst
          ? condition(
              'RoutesReady',
              'False',
              'RevisionMissing',
              missing(service, 'does not have any ready Revision'),
            )
          : condition('RoutesReady', 'True'),
      ],
    })
  }

  #label(name: string, routingState: string): void {
    const found = this.#api.objects.get(REVISIONS, name)
    const labels = { ...found.metadata.labels, [`${GROUP}/routingState`]: routingState }
    this.#api.objects.replace(REVISIONS, name, { ...found, metadata: { ...found.metadata, labels } }, false)
  }

  #say(kind: Resource, { metadata }: StoredObject, status: object): void {
    const now = this.#api.objects.get(kind, metadata.name)
    this.#api.objects.replace(kind, metadata.name, { ...now, status }, true)
  }
}

function conditions(statuses: Readonly<Record<string, Status>>, reason = '', message = ''): object[] {
  return Object.entries(statuses).map(([type, status]) => condition(type, status, reason, message))
}

function condition(type: string, status: Status, reason = '', message = ''): object {
  return { type, status, ...(reason === '' ? {} : { reason }), ...(message === '' ? {} : { message }) }
}

function missing({ metadata }: StoredObject, what: string): string {
  return `Configuration "${metadata.name}" ${what}.`
}
