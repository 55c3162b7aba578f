import { PlatformRefusal } from '../../../gateway/contract/lifecycle.ts'
import type { KubernetesApi } from './api.ts'
import { fieldsAt, fieldsOf, itemsOf, textOf } from './fields.ts'

/** Pods whose logs are read at once. */
const MOST_PODS = 100

/** Pods of one function. */
export interface PodSelection {
  readonly namespace: string
  /** As `kubectl get pods -l` has it. */
  readonly selector: string
  /** Containers that belong to the platform. */
  readonly sidecars: readonly string[]
}

/** A pod, with the container that is the function's. */
export interface Pod {
  readonly name: string
  readonly container: string
  /** It has written all that it will. */
  readonly isOver: boolean
}

export async function listPods(
  api: KubernetesApi,
  { namespace, selector, sidecars }: PodSelection,
  signal: AbortSignal,
): Promise<readonly Pod[]> {
  const items = await api.list(podsPath(namespace), signal, { labelSelector: selector })
  const pods = items.flatMap((item) => readPod(item, sidecars) ?? [])
  if (pods.length <= MOST_PODS) return pods
  throw new PlatformRefusal(
    'unsupported',
    `it has ${pods.length} pods: the logs of ${MOST_PODS} at most are read`,
  )
}

export function podsPath(namespace: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`
}

function readPod(value: unknown, sidecars: readonly string[]): Pod | null {
  const name = textOf(fieldsAt(value, 'metadata')['name'])
  const containers = itemsOf(fieldsAt(value, 'spec')['containers']).map((each) =>
    textOf(fieldsOf(each)['name']),
  )
  const container = containers.find((each) => each !== null && !sidecars.includes(each)) ?? null
  const phase = fieldsAt(value, 'status')['phase']
  if (name === null || container === null) return null
  return { name, container, isOver: phase === 'Succeeded' || phase === 'Failed' }
}
