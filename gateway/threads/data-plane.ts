import { ConnectionLimit } from '../capacity/connection-limit.ts'
import { SharedMemoryView } from '../capacity/shared-memory.ts'
import type { Registry } from '../config/registry.ts'
import type { Config } from '../config/schema.ts'
import { GatewayError } from '../contract/errors.ts'
import type { Exchange } from '../contract/lane.ts'
import { handle } from '../invocation/handle.ts'
import { mayUpgrade } from '../invocation/read-upgrade.ts'
import { WaitingRoom } from '../invocation/waiting-room.ts'
import { ConnectionWatch } from '../lanes/express/connection-watch.ts'
import { createExpressLane } from '../lanes/express/express-lane.ts'
import type { Lane } from '../lanes/lane.ts'
import { createStandardLane } from '../lanes/standard/standard-lane.ts'
import { measureEventLoop } from '../observe/event-loop-lag.ts'
import { ThreadSeries } from '../observe/thread-series.ts'
import { Authenticators } from '../snapshot/authenticators.ts'
import { type CompileHost, compileSnapshot } from '../snapshot/compile.ts'
import { Invokers } from '../snapshot/invokers.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { TRANSPORTS } from '../transport/open-transport.ts'
import { describe } from '../transport/upstream-failure.ts'
import { drainLanes } from './drain-lanes.ts'
import { beatHeart } from './heartbeat.ts'
import { LaneCounters } from './lane-counters.ts'
import type { FromThread, Listen, Serve, ThreadStart, ToThread } from './messages.ts'
import { surviveFaults } from './survive-faults.ts'
import { ThreadKeyFeed } from './thread-key-feed.ts'
import { ThreadServices } from './thread-services.ts'

/** A target up to this length reaches the pipeline and gets 414; of a longer one the parser says that the head is too large. */
const MEASURED_TARGET_BYTES = 65 * 1024

/** One thread of the data plane: its lanes, its Snapshot, and what it hears from the main thread. */
export class DataPlane {
  readonly #start: ThreadStart
  readonly #post: (message: FromThread) => void
  readonly #feed: ThreadKeyFeed
  readonly #services: ThreadServices
  readonly #counters: LaneCounters
  readonly #series: ThreadSeries
  readonly #invokers: Invokers
  readonly #authenticators: Authenticators
  readonly #loadModules: (config: Serve['config']) => Promise<Registry>
  readonly #stopMeasuring: () => void
  /** The newest first; older ones still have calls. */
  #snapshots: Snapshot[] = []
  #lanes: Lane[] = []
  /** The time-outs of express lanes. */
  readonly #watch = new ConnectionWatch()
  /** Configurations are taken one after the other, in the order in which they came. */
  #taking: Promise<void> = Promise.resolve()
  #draining = false

  constructor(
    start: ThreadStart,
    post: (message: FromThread) => void,
    loadModules: (config: Serve['config']) => Promise<Registry>,
  ) {
    this.#start = start
    this.#post = post
    this.#loadModules = loadModules
    const cells = new SharedMemoryView(start.first.shared)
    this.#series = new ThreadSeries(cells, start.threads, start.thread)
    const waitingRoom = new WaitingRoom(cells, start.threads, start.thread, this.#series)
    const { config } = start.first
    this.#services = new ThreadServices(config, this.#series, waitingRoom, String(start.thread), start.pretty)
    this.#counters = new LaneCounters(
      this.#series,
      new ConnectionLimit(cells, start.threads, start.thread, start.first.config.gateway.limits.connections),
    )
    this.#feed = new ThreadKeyFeed(start.keys, post)
    this.#invokers = new Invokers(TRANSPORTS[start.first.config.gateway.transport], this.#services.log)
    this.#authenticators = new Authenticators(this.#feed, this.#services)
    for (const { backend, facts } of start.announced) this.#invokers.announce(backend, facts)
    beatHeart(cells, start.threads, start.thread)
    this.#stopMeasuring = measureEventLoop(this.#series)
    surviveFaults(this.#services.log, this.#series)
  }

  /** Serves the first configuration and opens the lanes. */
  open(): Promise<void> {
    this.#taking = this.#open()
    return this.#taking
  }

  async #open(): Promise<void> {
    try {
      await this.#compile(this.#start.first)
      const { http, https } = await this.#listen(this.#start.listen, this.#start.first)
      this.#post({ kind: 'listening', httpPort: http, httpsPort: https })
      this.#post({ kind: 'serving', generation: this.#start.first.generation })
    } catch (error) {
      this.#post({ kind: 'failed', message: sentence(error) })
    }
  }

  async hear(message: ToThread): Promise<void> {
    switch (message.kind) {
      case 'serve':
        this.#taking = this.#taking.then(() => this.#serve(message))
        return await this.#taking
      case 'keys':
        return this.#feed.take(message.state)
      case 'keys-answer':
        return this.#feed.answer(message.id, message.state)
      case 'announce':
        return this.#invokers.announce(message.announcement.backend, message.announcement.facts)
      case 'discourage':
        this.#services.draining = true
        return
      case 'drain':
        return await this.#drain(message.graceMs)
    }
  }

  async #serve(serve: Serve): Promise<void> {
    try {
      await this.#compile(serve)
      if (serve.tls !== null) for (const lane of this.#lanes) lane.useCertificate(serve.tls)
      this.#post({ kind: 'serving', generation: serve.generation })
    } catch (error) {
      this.#post({ kind: 'refused', generation: serve.generation, message: sentence(error) })
    }
  }

  async #compile(serve: Serve): Promise<void> {
    const modules = await this.#loadModules(serve.config)
    const host: CompileHost = {
      ...modules,
      cells: new SharedMemoryView(serve.shared),
      threads: this.#start.threads,
      thread: this.#start.thread,
      epoch: this.#start.epoch,
      log: this.#services.log,
      invokers: this.#invokers,
      authenticators: this.#authenticators,
      random: Math.random,
    }
    const next = compileSnapshot(serve.config, serve.generation, host, () => this.#retired(next))
    const [before] = this.#snapshots
    // The swap: calls that begin from here on see the new configuration, all of it.
    this.#snapshots = [next, ...this.#snapshots]
    before?.retire()
    this.#services.configure(serve.config)
  }

  #retired(snapshot: Snapshot): void {
    this.#snapshots = this.#snapshots.filter((kept) => kept !== snapshot)
    this.#post({ kind: 'retired', generation: snapshot.generation })
  }

  async #listen(
    listen: Listen,
    { config, tls }: Serve,
  ): Promise<{ http: number | null; https: number | null }> {
    const open = async (kind: 'http' | 'https'): Promise<number | null> => {
      const address = listen[kind]
      if (address === null) return null
      const lane = this.#createLane(config.gateway, kind, kind === 'https' ? tls : null)
      this.#lanes.push(lane)
      return await lane.listen({ ...address, reusePort: listen.reusePort })
    }
    return { http: await open('http'), https: await open('https') }
  }

  #createLane(
    { lanes, limits, timeouts, websocket }: Config['gateway'],
    kind: 'http' | 'https',
    tls: Serve['tls'],
  ): Lane {
    const shared = {
      headTimeoutMs: timeouts.head,
      keepAliveMs: timeouts.keepAlive,
      handle: (exchange: Exchange) => handle(exchange, this.#snapshots[0]!, this.#services),
      observe: this.#counters,
    }
    const standard = createStandardLane({
      ...shared,
      tls,
      parserHeadBytes: limits.headers + MEASURED_TARGET_BYTES,
      messageBytes: websocket.message,
      mayUpgrade: (target, rawHeaders) => mayUpgrade(target, rawHeaders, this.#snapshots[0]!),
    })
    if (lanes[kind] === 'standard') return standard
    const mostHeadBytes = limits.headers + limits.uri
    return createExpressLane(standard, { ...shared, mostHeadBytes, watch: this.#watch })
  }

  async #drain(graceMs: number): Promise<void> {
    if (this.#draining) return
    this.#draining = true
    this.#services.draining = true
    const cut = await drainLanes(this.#lanes, this.#services.calls, graceMs)
    this.#watch.close()
    this.#stopMeasuring()
    await this.#services.close()
    this.#post({ kind: 'drained', cut })
  }
}

/** The main thread adds the code of its own. */
function sentence(error: unknown): string {
  return error instanceof GatewayError ? error.detail : describe(error)
}
