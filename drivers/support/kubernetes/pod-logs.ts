import type { LogLine, LogsWanted } from '../../../gateway/contract/lifecycle.ts'
import type { KubernetesApi } from './api.ts'
import { inOrder, type StampedLine, stampedLines } from './log-lines.ts'
import { PodFollower } from './pod-follower.ts'
import { listPods, type Pod, type PodSelection, podsPath } from './pods.ts'
import { asPlatformRefusal, KubernetesRefusal } from './refusal.ts'

/** Order of lines counts billionths of a second, time thousandths. */
const NANOS = 1_000_000n

type Query = Readonly<Record<string, string>>

interface Written {
  readonly tail: number | null
  /** Milliseconds since 1970. */
  readonly since: bigint | null
  /** Takes the order of the last line of each pod. */
  readonly read: Map<string, bigint>
}

/** Logs of the pods of one function, as one log. */
export class PodLogs {
  readonly #api: KubernetesApi
  readonly #selection: PodSelection

  constructor(api: KubernetesApi, selection: PodSelection) {
    this.#api = api
    this.#selection = selection
  }

  /** Ends when aborted. Rejects with a PlatformRefusal where the API says no. */
  async *read({ follow, tail, sinceMs }: LogsWanted, aborted: AbortSignal): AsyncGenerator<LogLine> {
    // Who stops reading without aborting must not leave logs open either.
    const left = new AbortController()
    const signal = AbortSignal.any([aborted, left.signal])
    const since = sinceMs === null ? null : BigInt(Math.max(0, Math.floor(sinceMs)))
    const read = new Map<string, bigint>()
    try {
      for await (const line of this.#written({ tail, since, read }, signal)) yield plain(line)
      if (!follow) return
      const follower = new PodFollower({
        pods: () => listPods(this.#api, this.#selection, signal),
        open: (pod, after) => this.#open(pod, { follow: 'true' }, after / NANOS, signal),
        read,
        startedAfter: (since ?? 0n) * NANOS,
      })
      for await (const line of follower.lines(signal)) yield plain(line)
    } catch (error) {
      if (!aborted.aborted) throw asPlatformRefusal(error)
    } finally {
      left.abort()
    }
  }

  /** What is there, oldest first. */
  async *#written({ tail, since, read }: Written, signal: AbortSignal): AsyncGenerator<StampedLine> {
    const pods = await listPods(this.#api, this.#selection, signal)
    // One at least: where to go on from has to be known.
    const query: Query = tail === null ? {} : { tailLines: String(Math.max(1, tail)) }
    const logs = await Promise.all(pods.map((pod) => this.#open(pod, query, since, signal)))
    const last: StampedLine[] = []
    for await (const line of inOrder(logs.flatMap((log) => log ?? []))) {
      read.set(line.instance ?? '', line.order)
      if (line.order < (since ?? 0n) * NANOS) continue
      if (tail === null) yield line
      else last.push(line)
    }
    yield* last.slice(Math.max(0, last.length - (tail ?? 0)))
  }

  /** Null for a pod that has no log yet, or is gone. */
  async #open(
    { name, container }: Pod,
    query: Query,
    since: bigint | null,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<StampedLine> | null> {
    const path = `${podsPath(this.#selection.namespace)}/${encodeURIComponent(name)}/log`
    const from: Query =
      since === null || since === 0n ? {} : { sinceTime: new Date(Number(since)).toISOString() }
    try {
      const log = await this.#api.stream(path, signal, { container, timestamps: 'true', ...query, ...from })
      return stampedLines(log, name)
    } catch (error) {
      const isNone = error instanceof KubernetesRefusal && (error.status === 400 || error.status === 404)
      if (isNone) return null
      throw error
    }
  }
}

/** Without its order, which no JSON can hold. */
function plain({ timeMs, instance, text }: LogLine): LogLine {
  return { timeMs, instance, text }
}
