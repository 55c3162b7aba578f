import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import type { LogLine } from '../../../gateway/contract/lifecycle.ts'
import type { StampedLine } from './log-lines.ts'
import type { Pod } from './pods.ts'
import { KubernetesRefusal } from './refusal.ts'

/** Pods come and go: they are looked for so often. */
const EVERY_MS = 1000
/** So many looks in a row may find the API away. */
const MOST_MISSES = 10
/** Lines that are held for a reader who is slower than the pods. */
const HELD = 256

export interface FollowerOptions {
  readonly pods: () => Promise<readonly Pod[]>
  /** The log of a pod as it is written, from about this time on; null when it has none yet. */
  readonly open: (pod: Pod, after: bigint) => Promise<AsyncIterable<StampedLine> | null>
  /** Order of the last line of each pod that was read already. Changed as lines are read. */
  readonly read: Map<string, bigint>
  /** Lines before it are not wanted. */
  readonly startedAfter: bigint
}

/** Follows the logs of pods, also of those that come later. A log that breaks off is taken up where it was left. */
export class PodFollower {
  readonly #options: FollowerOptions
  readonly #out = new PassThrough({ objectMode: true, highWaterMark: HELD }).setMaxListeners(0)
  readonly #closed = new AbortController()
  /** Pods whose logs are being read. */
  readonly #followed = new Set<string>()
  /** Pods that have written all, and all of it was read. */
  readonly #over = new Set<string>()

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  /** Until aborted, or until the API refuses or stays away. */
  async *lines(signal: AbortSignal): AsyncGenerator<LogLine> {
    const end = () => this.#out.destroy()
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
    void this.#look(signal)
    try {
      for await (const line of this.#out) yield line as LogLine
    } finally {
      signal.removeEventListener('abort', end)
      this.#out.destroy()
      this.#closed.abort()
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    for (let misses = 0; !this.#out.destroyed; ) {
      try {
        const pods = await this.#options.pods()
        this.#forget(pods)
        for (const pod of pods) void this.#follow(pod)
        misses = 0
        await pause(EVERY_MS, undefined, { signal })
      } catch (error) {
        misses++
        if (error instanceof KubernetesRefusal || misses > MOST_MISSES) this.#fail(error)
        else await pause(EVERY_MS, undefined, { signal }).catch(() => {})
      }
    }
  }

  async #follow(pod: Pod): Promise<void> {
    const { open, read, startedAfter } = this.#options
    if (this.#followed.has(pod.name) || this.#over.has(pod.name)) return
    this.#followed.add(pod.name)
    try {
      const log = await open(pod, read.get(pod.name) ?? startedAfter)
      for await (const line of log ?? []) {
        // The API counts from whole seconds, so the last lines come once more.
        const isOld = line.order <= (read.get(pod.name) ?? -1n) || line.order < startedAfter
        if (isOld && line.timeMs !== null) continue
        if (!isOld) read.set(pod.name, line.order)
        if (!this.#out.write(line)) await once(this.#out, 'drain', { signal: this.#closed.signal })
      }
      if (pod.isOver) this.#over.add(pod.name)
    } catch (error) {
      // Anything else is a connection that broke: the next look takes the log up again.
      if (error instanceof KubernetesRefusal) this.#fail(error)
    } finally {
      this.#followed.delete(pod.name)
    }
  }

  #forget(pods: readonly Pod[]): void {
    const names = new Set(pods.map(({ name }) => name))
    for (const name of this.#over) if (!names.has(name)) this.#over.delete(name)
    for (const name of this.#options.read.keys()) {
      if (!names.has(name) && !this.#followed.has(name)) this.#options.read.delete(name)
    }
  }

  #fail(error: unknown): void {
    this.#out.destroy(error instanceof Error ? error : new Error(String(error)))
  }
}
