import { countOf, fieldsAt, fieldsOf, itemsOf, textOf, textsOf } from '../support/kubernetes/fields.ts'

/** Kind, group and version of what this driver looks after. */
export const API_VERSION = 'serving.knative.dev/v1'
export const SERVICE_LABEL = 'serving.knative.dev/service'
export const REVISION_LABEL = 'serving.knative.dev/revision'
/** `active` on revisions that a route leads to. */
export const ROUTING_LABEL = 'serving.knative.dev/routingState'
export const MIN_SCALE = 'autoscaling.knative.dev/min-scale'
export const MAX_SCALE = 'autoscaling.knative.dev/max-scale'
/** How the same were written before Knative 1.0; the platform reads both. */
export const OLD_MIN_SCALE = 'autoscaling.knative.dev/minScale'
export const OLD_MAX_SCALE = 'autoscaling.knative.dev/maxScale'

/** What a resource of Knative says of itself, for one aspect. */
export interface Condition {
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

/** Where calls of a service go. */
export interface Share {
  readonly revision: string
  /** Of the calls to the service; 0 for a revision that has only a tag. */
  readonly percent: number
  readonly tag: string | null
}

/** A Service of Knative, as far as it is gone by. */
export interface Service {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly image: string | null
  /** The conditions are those of what was asked for last. */
  readonly isObserved: boolean
  readonly conditions: ReadonlyMap<string, Condition>
  readonly latestCreated: string | null
  readonly latestReady: string | null
  readonly shares: readonly Share[]
}

/** A Revision of a Service. */
export interface Revision {
  readonly name: string
  /** How many run; null when the platform does not know. */
  readonly replicas: number | null
  readonly wanted: number | null
  /** Calls at once that all of its replicas may take together; null for no bound. */
  readonly limit: number | null
  readonly conditions: ReadonlyMap<string, Condition>
}

/** Null for what is no Service. */
export function readService(value: unknown): Service | null {
  const metadata = fieldsAt(value, 'metadata')
  const status = fieldsAt(value, 'status')
  const name = textOf(metadata['name'])
  if (name === null) return null
  const [container] = itemsOf(fieldsAt(value, 'spec', 'template', 'spec')['containers'])
  return {
    name,
    labels: textsOf(metadata['labels']),
    image: textOf(fieldsOf(container)['image']),
    isObserved: metadata['generation'] === status['observedGeneration'],
    conditions: readConditions(status),
    latestCreated: textOf(status['latestCreatedRevisionName']),
    latestReady: textOf(status['latestReadyRevisionName']),
    shares: itemsOf(status['traffic']).map(readShare),
  }
}

/** Null for what is no Revision. */
export function readRevision(value: unknown): Revision | null {
  const metadata = fieldsAt(value, 'metadata')
  const status = fieldsAt(value, 'status')
  const name = textOf(metadata['name'])
  if (name === null) return null
  const annotations = textsOf(metadata['annotations'])
  const concurrency = countOf(fieldsAt(value, 'spec')['containerConcurrency']) ?? 0
  const mostReplicas = Number(annotations[MAX_SCALE] ?? annotations[OLD_MAX_SCALE] ?? 0)
  return {
    name,
    replicas: countOf(status['actualReplicas']),
    wanted: countOf(status['desiredReplicas']),
    limit: countOf(concurrency * mostReplicas) || null,
    conditions: readConditions(status),
  }
}

function readShare(value: unknown): Share {
  const share = fieldsOf(value)
  return {
    revision: textOf(share['revisionName']) ?? '',
    percent: countOf(share['percent']) ?? 0,
    tag: textOf(share['tag']),
  }
}

function readConditions(status: unknown): ReadonlyMap<string, Condition> {
  const conditions = itemsOf(fieldsOf(status)['conditions']).map(fieldsOf)
  return new Map(
    conditions.map(({ type, status: is, reason, message }) => [
      String(type),
      {
        status: is === 'True' || is === 'False' ? is : 'Unknown',
        reason: textOf(reason) ?? '',
        message: textOf(message) ?? '',
      },
    ]),
  )
}
