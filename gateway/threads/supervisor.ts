import type { SharedMemory } from '../capacity/shared-memory.ts'
import type { Log } from '../contract/plugin.ts'
import type { JwksSources } from '../identity/jwks-sources.ts'
import type { JwksState } from '../identity/key-feed.ts'
import { describe } from '../transport/upstream-failure.ts'
import { DataPlaneThread, ENDED, type ThreadListener } from './data-plane-thread.ts'
import { HeartMonitor } from './heartbeat.ts'
import type { Announcement, Listen, Serve, ThreadStart, ToThread } from './messages.ts'

/** How often hearts are looked at. */
const WATCH_MS = 250
/** A thread that dies while it starts is not started again at once. */
const REPLACE_DELAY_MS = 200
/** Until the first beat of a heart: modules are loaded, which takes longer than a beat. */
const START_MS = 30_000
/** After the grace of a drain a thread has this long to end by itself. */
const DRAIN_MARGIN_MS = 2000

export interface SupervisorOptions {
  /** Module that the threads run. */
  readonly entry: URL
  /** Data-plane threads. */
  readonly threads: number
  readonly epoch: number
  readonly memory: SharedMemory
  readonly keys: JwksSources
  readonly log: Log
  readonly pretty: boolean
  /** Settles what a dead thread left behind in shared memory. */
  readonly settleDead: (thread: number) => void
  /** No thread uses configurations before this one any more. */
  readonly retiredBefore: (generation: number) => void
}

/** Starts the data-plane threads, tells them what to serve, and replaces one that dies or falls silent. */
export class Supervisor implements ThreadListener {
  readonly #options: SupervisorOptions
  readonly #hearts: HeartMonitor
  readonly #threads: DataPlaneThread[] = []
  readonly #restarts: number[]
  readonly #announced = new Map<string, unknown>()
  #serve: Serve | null = null
  #listen: Listen = { http: null, https: null, reusePort: false }
  #heartbeatTimeoutMs = 0
  #watch: NodeJS.Timeout | null = null
  #draining = false

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#hearts = new HeartMonitor(options.memory, options.threads + 1)
    this.#restarts = Array.from({ length: options.threads }, () => 0)
    options.keys.subscribe((state) => this.#tell({ kind: 'keys', state }))
  }

  get threads(): readonly DataPlaneThread[] {
    return this.#threads
  }

  get ports(): DataPlaneThread['ports'] {
    return this.#threads[0]?.ports ?? { http: null, https: null }
  }

  restartsOf(thread: number): number {
    return this.#restarts[thread] ?? 0
  }

  silentMs(thread: number): number {
    return this.#hearts.silentMs(thread)
  }

  /**
   * Starts all threads; the first one finds out the port when it is for the system to choose.
   *
   * @throws Error With the sentence of a thread that cannot start.
   */
  async open(serve: Serve, listen: Listen): Promise<void> {
    this.#serve = serve
    this.#heartbeatTimeoutMs = serve.config.gateway.heartbeat.timeout
    this.#listen = { ...listen, reusePort: this.#options.threads > 1 }
    this.#watch = setInterval(() => this.#look(), WATCH_MS)
    await this.#start(0).listening
    const { http, https } = this.ports
    this.#listen = {
      http: listen.http === null || http === null ? null : { ...listen.http, port: http },
      https: listen.https === null || https === null ? null : { ...listen.https, port: https },
      reusePort: this.#options.threads > 1,
    }
    const others = Array.from({ length: this.#options.threads - 1 }, (_, i) => this.#start(i + 1).listening)
    await Promise.all(others)
  }

  /** Has every thread serve a configuration. @returns Reasons of threads that refuse; empty when all serve it. */
  async serve(serve: Serve): Promise<string[]> {
    this.#serve = serve
    this.#heartbeatTimeoutMs = serve.config.gateway.heartbeat.timeout
    const answers = await Promise.all(this.#threads.map((thread) => bring(thread, serve)))
    return answers.filter((answer) => answer !== null)
  }

  announce(announcement: Announcement): void {
    this.#announced.set(announcement.backend, announcement.facts)
    this.#tell({ kind: 'announce', announcement })
  }

  discourage(): void {
    this.#tell({ kind: 'discourage' })
  }

  /** Lets running calls finish, then ends the threads. @returns How many calls were cut. */
  async drain(graceMs: number): Promise<number> {
    this.#draining = true
    const threads = this.#alive()
    for (const thread of threads) {
      thread.state = 'draining'
      thread.post({ kind: 'drain', graceMs })
    }
    const late = setTimeout(() => {
      for (const thread of threads) void thread.terminate()
    }, graceMs + DRAIN_MARGIN_MS)
    const cuts = await Promise.all(threads.map((thread) => thread.stopped))
    clearTimeout(late)
    if (this.#watch !== null) clearInterval(this.#watch)
    return cuts.reduce((sum, cut) => sum + cut, 0)
  }

  retired(): void {
    const held = this.#threads.flatMap((thread) => [...thread.held])
    if (held.length > 0) this.#options.retiredBefore(Math.min(...held))
  }

  keysWanted(thread: DataPlaneThread, id: number, issuer: string, keyId: string | null): void {
    const answer = (state: JwksState | null) => thread.post({ kind: 'keys-answer', id, state })
    this.#options.keys.refresh(issuer, keyId).then(answer, () => answer(null))
  }

  died(thread: DataPlaneThread): void {
    this.#options.settleDead(thread.index)
    // It held configurations that nobody else may hold any more.
    this.retired()
    if (!this.#draining)
      this.#options.log.error({ thread: thread.index }, 'a data-plane thread ended; it is replaced')
    const early = thread.generation === 0
    setTimeout(() => this.#replace(thread), early ? REPLACE_DELAY_MS : 0)
  }

  #start(index: number): DataPlaneThread {
    const { entry, threads, epoch, keys, log } = this.#options
    const serve = this.#serve!
    const start: ThreadStart = {
      thread: index,
      threads: threads + 1,
      epoch,
      first: serve,
      keys: serve.config.identity.issuers.flatMap(({ issuer }) => keys.current(issuer) ?? []),
      announced: [...this.#announced].map(([backend, facts]) => ({ backend, facts })),
      listen: this.#listen,
      pretty: this.#options.pretty,
    }
    this.#hearts.reset(index)
    const thread = new DataPlaneThread(entry, start, this, log)
    this.#threads[index] = thread
    return thread
  }

  #replace(dead: DataPlaneThread): void {
    const { index } = dead
    if (this.#draining) {
      dead.successor.reject(new Error(ENDED))
      return
    }
    this.#restarts[index]! += 1
    const thread = this.#start(index)
    dead.successor.resolve(thread)
    thread.listening.catch((error: unknown) => {
      if (!this.#draining)
        this.#options.log.error({ thread: index, err: error }, 'a data-plane thread cannot start')
      void thread.terminate()
    })
  }

  #look(): void {
    for (const thread of this.#alive()) {
      const silentMs = this.#hearts.silentMs(thread.index)
      const patienceMs =
        thread.state === 'starting' ? Math.max(START_MS, this.#heartbeatTimeoutMs) : this.#heartbeatTimeoutMs
      if (silentMs <= patienceMs) continue
      this.#options.log.error(
        { thread: thread.index, silentMs },
        'a data-plane thread does not answer; it is ended',
      )
      this.#hearts.reset(thread.index)
      void thread.terminate()
    }
  }

  #alive(): DataPlaneThread[] {
    return this.#threads.filter(({ state }) => state !== 'stopped')
  }

  #tell(message: ToThread): void {
    for (const thread of this.#alive()) thread.post(message)
  }
}

/** Has a thread, or the one that takes its place should it end, serve a configuration. Null when it does. */
async function bring(thread: DataPlaneThread, serve: Serve): Promise<string | null> {
  const answer = await thread.serve(serve)
  if (answer !== ENDED) return answer
  try {
    // A thread that starts begins with the newest configuration.
    const successor = await thread.successor.promise
    await successor.listening
    return null
  } catch (error) {
    return describe(error)
  }
}
