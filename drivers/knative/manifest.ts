import type { DeployOrder } from '../../gateway/contract/lifecycle.ts'
import { containerFor } from '../support/kubernetes/container.ts'
import { type Fields, fieldsAt, fieldsOf, itemsOf, textOf, textsOf } from '../support/kubernetes/fields.ts'
import { API_VERSION, MAX_SCALE, MIN_SCALE, OLD_MAX_SCALE, OLD_MIN_SCALE } from './service.ts'

/** Names of the labels that the last order set, so that the next can take them away. */
const OUR_LABELS = 'dispatch-edge/labels'
/** Makes a new revision of every order, also of the same image: its tag may lead to another by now. */
const ORDERED_AT = 'dispatch-edge/ordered-at'

export interface ServiceOrder {
  readonly order: DeployOrder
  readonly image: string
  readonly namespace: string
  /** Milliseconds since 1970. */
  readonly nowMs: number
}

/** The Service to be for an order. What an order cannot say stays as it is. */
export function serviceFor({ order, image, namespace, nowMs }: ServiceOrder, existing: unknown): Fields {
  const spec = fieldsAt(existing, 'spec')
  const podSpec = fieldsAt(spec, 'template', 'spec')
  const [container, ...sidecars] = itemsOf(podSpec['containers'])
  const { containerConcurrency, timeoutSeconds, ...rest } = podSpec
  const { concurrency, timeoutMs, minReplicas, maxReplicas } = order
  const template = withScale(fieldsOf(spec['template']), minReplicas, maxReplicas)
  const annotations = { ...fieldsAt(template, 'metadata', 'annotations'), [ORDERED_AT]: dateOf(nowMs) }
  return {
    apiVersion: API_VERSION,
    kind: 'Service',
    metadata: metadataFor(order, namespace, existing),
    spec: {
      ...spec,
      template: {
        ...template,
        metadata: { ...fieldsOf(template['metadata']), annotations },
        spec: {
          ...rest,
          ...(concurrency === null ? {} : { containerConcurrency: concurrency }),
          ...(timeoutMs === null ? {} : { timeoutSeconds: Math.ceil(timeoutMs / 1000) }),
          containers: [containerFor(order, image, container), ...sidecars],
        },
      },
    },
  }
}

/** The same Service, of which so many replicas run at least. 0 lets the platform stop all of them. */
export function scaledService(existing: unknown, replicas: number): Fields {
  const service = withoutStatus(existing)
  const spec = fieldsOf(service['spec'])
  const template = fieldsOf(spec['template'])
  const annotations = textsOf(fieldsAt(template, 'metadata')['annotations'])
  const most = Number(annotations[MAX_SCALE] ?? annotations[OLD_MAX_SCALE] ?? 0)
  const scaled = withScale(template, replicas, most === 0 ? null : Math.max(most, replicas))
  return { ...service, spec: { ...spec, template: scaled } }
}

/**
 * A name that somebody gave a revision is for that one only: the platform refuses another of the same name, and finds
 * names itself when there is none.
 */
function withScale(template: Fields, least: number | null, most: number | null): Fields {
  const { name, ...metadata } = fieldsOf(template['metadata'])
  const {
    [MIN_SCALE]: min,
    [MAX_SCALE]: max,
    [OLD_MIN_SCALE]: oldMin,
    [OLD_MAX_SCALE]: oldMax,
    ...annotations
  } = fieldsOf(metadata['annotations'])
  return {
    ...template,
    metadata: {
      ...metadata,
      annotations: {
        ...annotations,
        ...(least === null ? {} : { [MIN_SCALE]: String(least) }),
        ...(most === null ? {} : { [MAX_SCALE]: String(most) }),
      },
    },
  }
}

function metadataFor({ deployment, labels }: DeployOrder, namespace: string, existing: unknown): Fields {
  const metadata = fieldsOf(withoutStatus(existing)['metadata'])
  const annotations = textsOf(metadata['annotations'])
  const ours = new Set((textOf(annotations[OUR_LABELS]) ?? '').split(','))
  const theirs = Object.entries(textsOf(metadata['labels'])).filter(([name]) => !ours.has(name))
  return {
    ...metadata,
    name: deployment.name,
    namespace,
    labels: { ...Object.fromEntries(theirs), ...labels },
    annotations: { ...annotations, [OUR_LABELS]: Object.keys(labels).join(',') },
  }
}

/** What only the platform writes is not sent back to it. */
function withoutStatus(object: unknown): Fields {
  const { status, metadata, ...rest } = fieldsOf(object)
  const { managedFields, ...ours } = fieldsOf(metadata)
  return { ...rest, metadata: ours }
}

function dateOf(nowMs: number): string {
  return new Date(nowMs).toISOString()
}
