import type { DeployOrder } from '../../gateway/contract/lifecycle.ts'
import { containerFor } from '../support/kubernetes/container.ts'
import { type Fields, fieldsAt, fieldsOf, itemsOf, textsOf } from '../support/kubernetes/fields.ts'
import { metadataFor, withoutStatus } from '../support/kubernetes/object-metadata.ts'
import { API_VERSION, MAX_SCALE, MIN_SCALE, OLD_MAX_SCALE, OLD_MIN_SCALE } from './service.ts'

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
    metadata: metadataFor(order.deployment.name, namespace, order.labels, existing),
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

function dateOf(nowMs: number): string {
  return new Date(nowMs).toISOString()
}
