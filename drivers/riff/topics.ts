import type { KubernetesApi } from '../support/kubernetes/api.ts'
import { find } from '../support/kubernetes/change.ts'
import { countOf, fieldsAt, fieldsOf, itemsOf, textOf, textsOf } from '../support/kubernetes/fields.ts'
import { listKind } from '../support/kubernetes/list-kind.ts'

/** Kinds and fields as riff 0.0.7 has them (projectriff/riff v0.0.7, kubernetes-crds). */
export const API_VERSION = 'projectriff.io/v1alpha1'
const PLATFORM = `riff 0.0 (${API_VERSION})`
/** Label of the pods of a function. */
export const FUNCTION_LABEL = 'function'
/**
 * Variable that marks the pods of an order: riff says nowhere which of its resources they were made of, and takes the
 * same image for the same pods.
 */
export const ORDERED_AT = 'DISPATCH_ORDERED_AT'
/** The container that is the function's; beside it stands a sidecar that takes messages off the topic. */
const CONTAINER = 'main'

/** A function that reads a topic. */
export interface TopicFunction {
  readonly name: string
  readonly topic: string
  readonly image: string | null
  readonly labels: Readonly<Record<string, string>>
}

/** The Kubernetes Deployment that riff makes of a function. */
export interface TopicDeployment {
  readonly name: string
  /** Mark of the order that it was made for; null without one. */
  readonly orderedAt: string | null
  readonly ready: number
  readonly wanted: number
  /** Its pods are those of what was asked for last. */
  readonly isCurrent: boolean
}

/** What the gateway of riff goes by, as it was read at one time. */
export interface TopicFacts {
  /** Names of all topics. */
  readonly topics: ReadonlySet<string>
  readonly functions: readonly TopicFunction[]
  /** By name. */
  readonly deployments: ReadonlyMap<string, TopicDeployment>
}

/** What runs behind the topics of riff 0.0 in one namespace, by the API of the cluster. Rejects as that does. */
export class Topics {
  readonly api: KubernetesApi
  readonly namespace: string
  /** Path below which all that is riff's is. */
  readonly base: string
  readonly #deploymentsPath: string

  constructor(api: KubernetesApi, namespace: string) {
    const place = `namespaces/${encodeURIComponent(namespace)}`
    this.api = api
    this.namespace = namespace
    this.base = `/apis/${API_VERSION}/${place}`
    this.#deploymentsPath = `/apis/apps/v1/${place}/deployments`
  }

  /** Where objects of a kind are, and one of them. */
  place(kind: 'functions' | 'topics', name: string): { readonly list: string; readonly object: string } {
    const list = `${this.base}/${kind}`
    return { list, object: `${list}/${encodeURIComponent(name)}` }
  }

  async facts(signal: AbortSignal | undefined): Promise<TopicFacts> {
    const [topics, functions, deployments] = await Promise.all([
      this.#names(signal),
      this.functions(signal),
      this.#deployments(signal),
    ])
    return { topics, functions, deployments }
  }

  async functions(signal: AbortSignal | undefined): Promise<readonly TopicFunction[]> {
    const items = await listKind(this.api, `${this.base}/functions`, PLATFORM, signal)
    return items.flatMap((item) => readFunction(item) ?? [])
  }

  /** Null before riff has made it. */
  async deployment(name: string, signal: AbortSignal | undefined): Promise<TopicDeployment | null> {
    const path = `${this.#deploymentsPath}/${encodeURIComponent(name)}`
    const found = await find(this.api, path, signal)
    return found === null ? null : readDeployment(found)
  }

  async #names(signal: AbortSignal | undefined): Promise<ReadonlySet<string>> {
    const items = await listKind(this.api, `${this.base}/topics`, PLATFORM, signal)
    return new Set(items.flatMap((item) => textOf(fieldsAt(item, 'metadata')['name']) ?? []))
  }

  async #deployments(signal: AbortSignal | undefined): Promise<ReadonlyMap<string, TopicDeployment>> {
    const items = await this.api.list(this.#deploymentsPath, signal)
    const deployments = items.map(readDeployment)
    return new Map(deployments.map((deployment) => [deployment.name, deployment]))
  }
}

function readFunction(value: unknown): TopicFunction | null {
  const metadata = fieldsAt(value, 'metadata')
  const spec = fieldsAt(value, 'spec')
  const name = textOf(metadata['name'])
  const topic = textOf(spec['input'])
  if (name === null || topic === null) return null
  return {
    name,
    topic,
    image: textOf(fieldsOf(spec['container'])['image']),
    labels: textsOf(metadata['labels']),
  }
}

function readDeployment(value: unknown): TopicDeployment {
  const metadata = fieldsAt(value, 'metadata')
  const status = fieldsAt(value, 'status')
  const wanted = countOf(fieldsAt(value, 'spec')['replicas']) ?? 0
  const containers = itemsOf(fieldsAt(value, 'spec', 'template', 'spec')['containers']).map(fieldsOf)
  const variables = itemsOf(containers.find(({ name }) => name === CONTAINER)?.['env']).map(fieldsOf)
  const isSeen = (countOf(status['observedGeneration']) ?? 0) >= (countOf(metadata['generation']) ?? 0)
  const replicas = countOf(status['replicas']) ?? 0
  return {
    name: textOf(metadata['name']) ?? '',
    orderedAt: textOf(variables.find(({ name }) => name === ORDERED_AT)?.['value']),
    ready: countOf(status['readyReplicas']) ?? 0,
    wanted,
    isCurrent: isSeen && replicas === (countOf(status['updatedReplicas']) ?? 0),
  }
}
