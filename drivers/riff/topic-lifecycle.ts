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
import { containerFor } from '../support/kubernetes/container.ts'
import { fieldsAt } from '../support/kubernetes/fields.ts'
import { isOurs, metadataFor } from '../support/kubernetes/object-metadata.ts'
import { PodLogs } from '../support/kubernetes/pod-logs.ts'
import { asked } from '../support/kubernetes/refusal.ts'
import { waitForTopic } from './topic-rollout.ts'
import { topicState } from './topic-state.ts'
import { API_VERSION, FUNCTION_LABEL, ORDERED_AT, type TopicFunction, type Topics } from './topics.ts'

const KEEPS: readonly OrderField[] = [
  ...(['environment', 'labels', 'memoryBytes', 'cpuMillis', 'gpus', 'maxReplicas'] as const),
]

/** What takes messages off the topic. */
const SIDECARS = ['sidecar']

/**
 * Functions of riff 0.0 by its resources: each reads one topic, by the name of which it is called. How many replicas run
 * is decided by riff alone, by the messages that wait: there is no way to scale.
 */
export class TopicLifecycle implements Omit<Lifecycle, 'scale'> {
  readonly #topics: Topics

  constructor(topics: Topics) {
    this.#topics = topics
  }

  list(signal: AbortSignal): Promise<readonly PlatformFunction[]> {
    return asked(async () => {
      const facts = await this.#topics.facts(signal)
      const first = new Map(facts.functions.toReversed().map((each) => [each.topic, each]))
      return [...first.values()].toReversed().map(({ topic, image, labels }) => {
        return { name: topic, ...topicState(topic, facts, true), source: image, labels }
      })
    })
  }

  deploy(order: DeployOrder, progress: TellProgress, signal: AbortSignal): Promise<'created' | 'updated'> {
    return asked(async () => {
      refuseBeyond(order, 'riff 0.0', KEEPS)
      const image = imageOf(order, 'riff 0.0')
      const { name: topic } = order.deployment
      const name = (await this.#readers(topic, signal))[0]?.name ?? topic
      await this.#makeTopic(topic, signal)
      const orderedAt = new Date().toISOString()
      const marked = { ...order, environment: { ...order.environment, [ORDERED_AT]: orderedAt } }
      const edit = (existing: unknown) => this.#functionFor(marked, image, name, existing)
      const place = this.#topics.place('functions', name)
      const { result } = await change(this.#topics.api, place, edit, signal)
      await waitForTopic(this.#topics, { name, orderedAt }, progress, signal)
      return result
    })
  }

  /** The topic goes with the function only where a deployment made it. */
  remove({ name: topic }: DeploymentFacts, signal: AbortSignal): Promise<void> {
    return asked(async () => {
      const { api } = this.#topics
      const { name } = await this.#reader(topic, signal)
      await api.delete(this.#topics.place('functions', name).object, signal)
      const place = this.#topics.place('topics', topic).object
      if (isOurs(await find(api, place, signal))) await api.delete(place, signal)
    })
  }

  async *logs(
    { name: topic }: DeploymentFacts,
    wanted: LogsWanted,
    signal: AbortSignal,
  ): AsyncIterable<LogLine> {
    const { api, namespace } = this.#topics
    const { name } = await asked(() => this.#reader(topic, signal))
    const selector = `${FUNCTION_LABEL}=${name}`
    yield* new PodLogs(api, { namespace, selector, sidecars: SIDECARS }).read(wanted, signal)
  }

  #functionFor(order: DeployOrder, image: string, name: string, existing: unknown) {
    const { labels, maxReplicas, deployment } = order
    const { maxReplicas: before, ...spec } = fieldsAt(existing, 'spec')
    return {
      apiVersion: API_VERSION,
      kind: 'Function',
      metadata: metadataFor(name, this.#topics.namespace, labels, existing),
      spec: {
        protocol: 'http',
        ...spec,
        input: deployment.name,
        ...(maxReplicas === null ? {} : { maxReplicas }),
        container: containerFor(order, image, spec['container']),
      },
    }
  }

  async #makeTopic(topic: string, signal: AbortSignal): Promise<void> {
    const { api, namespace } = this.#topics
    const place = this.#topics.place('topics', topic)
    if ((await find(api, place.object, signal)) !== null) return
    const metadata = metadataFor(topic, namespace, {}, null)
    await api.create(place.list, { apiVersion: API_VERSION, kind: 'Topic', metadata, spec: {} }, signal)
  }

  async #readers(topic: string, signal: AbortSignal): Promise<readonly TopicFunction[]> {
    const readers = (await this.#topics.functions(signal)).filter((each) => each.topic === topic)
    if (readers.length < 2) return readers
    const names = readers.map(({ name }) => name).join(', ')
    throw new PlatformRefusal('unsupported', `several functions read the topic ${topic}: ${names}`)
  }

  async #reader(topic: string, signal: AbortSignal): Promise<TopicFunction> {
    const [reader] = await this.#readers(topic, signal)
    if (reader !== undefined) return reader
    throw new PlatformRefusal('not-found', `no function reads the topic ${topic}`)
  }
}
