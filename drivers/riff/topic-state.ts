import type { TopicFacts } from './topics.ts'

/** What stands behind a topic. */
export interface TopicState {
  readonly ready: boolean
  readonly replicas: number | null
  /** Sidecars pass on whatever comes. */
  readonly limit: null
}

/**
 * A topic can be called when it is there and a function reads it; riff starts that when a message comes. A message that
 * nobody waits for (`messages`) needs no function: who reads it is not ours to know.
 */
export function topicState(
  name: string,
  { topics, functions, deployments }: TopicFacts,
  needsFunction: boolean,
): TopicState {
  const readers = functions.filter(({ topic }) => topic === name)
  const ready = topics.has(name) && (readers.length > 0 || !needsFunction)
  if (!ready || readers.length === 0) return { ready, replicas: null, limit: null }
  const replicas = readers.map((reader) => deployments.get(reader.name)?.ready ?? 0)
  return { ready, replicas: replicas.reduce((total, each) => total + each, 0), limit: null }
}
