import { cpus } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { ConnectionLimit } from '../capacity/connection-limit.ts'
import { settleDeadThread } from '../capacity/dead-thread.ts'
import { SharedMemory } from '../capacity/shared-memory.ts'
import type { RunnableConfig } from '../config/load-config.ts'
import type { Config } from '../config/schema.ts'
import { GatewayError } from '../contract/errors.ts'
import type { Log } from '../contract/plugin.ts'
import { JwksSources } from '../identity/jwks-sources.ts'
import { WaitingRoom } from '../invocation/waiting-room.ts'
import type { ReloadResult } from '../management/host.ts'
import type { ReloadHistory } from '../observe/gateway-status.ts'
import { ThreadSeries } from '../observe/thread-series.ts'
import { drainLanes } from '../threads/drain-lanes.ts'
import { Supervisor } from '../threads/supervisor.ts'
import { surviveFaults } from '../threads/survive-faults.ts'
import { ThreadServices } from '../threads/thread-services.ts'
import { describe } from '../transport/upstream-failure.ts'
import { restoreLedger } from './burst-ledger.ts'
import { ControlSnapshot } from './control-snapshot.ts'
import { assertFree } from './free-port.ts'
import type { GatewayParts } from './gateway-parts.ts'
import { type Materials, openMaterials } from './materials.ts'
import { mistakeSentences } from './mistake-sentences.ts'
import { Operators } from './operators.ts'
import { Reloads } from './reloads.ts'
import { restartNeeded } from './restart-needed.ts'

/**
 * The control plane: brings one configuration after the other to the threads, keeps the operators and the keys of the
 * issuers, and stops it all in order. It may fail or be slow; the threads serve on with what they have.
 */
export class Gateway {
  readonly startedAt = Date.now()
  readonly log: Log
  readonly memory = new SharedMemory()
  readonly keys: JwksSources
  readonly operators: Operators
  readonly supervisor: Supervisor
  readonly control: ControlSnapshot
  readonly #parts: GatewayParts
  readonly #reloads: Reloads
  readonly #stopSurviving: () => void
  #loaded: RunnableConfig
  #materials: Materials
  #generation = 0
  #loadedAt = 0
  #state: 'starting' | 'serving' | 'draining' = 'starting'
  /** Closes operators that only earlier configurations used, once no call does. */
  readonly #closeLater: { readonly generation: number; readonly close: () => Promise<void> }[] = []

  private constructor(parts: GatewayParts, loaded: RunnableConfig, materials: Materials) {
    this.#parts = parts
    this.#loaded = loaded
    this.#materials = materials
    const threads = materials.config.gateway.threads ?? cpus().length
    const series = new ThreadSeries(this.memory, threads + 1, threads)
    // Claimed before the first configuration, so that it is kept for ever.
    const waitingRoom = new WaitingRoom(this.memory, threads + 1, threads, series)
    const services = new ThreadServices(materials.config, series, waitingRoom, null, parts.pretty)
    this.log = services.log
    const { limits, transport } = materials.config.gateway
    new ConnectionLimit(this.memory, threads + 1, threads, limits.connections)
    this.#stopSurviving = surviveFaults(this.log, series)
    this.#reloads = new Reloads(() => this.#reload(), this.log)
    this.keys = new JwksSources(this.log)
    this.supervisor = new Supervisor({
      entry: parts.entry,
      threads,
      epoch: this.startedAt,
      memory: this.memory,
      keys: this.keys,
      log: this.log,
      pretty: parts.pretty,
      settleDead: (thread) => settleDeadThread(thread, this.memory),
      retiredBefore: (generation) => this.#retiredBefore(generation),
    })
    this.operators = new Operators(this.log, (backend, facts) => {
      this.control.announce(backend, facts)
      this.supervisor.announce({ backend, facts })
    })
    this.control = new ControlSnapshot(services, transport, this.memory, this.keys, threads, this.startedAt)
  }

  /** @throws ConfigInvalid, or GatewayError GW_START_FAILED with what to do. */
  static async start(parts: GatewayParts): Promise<Gateway> {
    const loaded = await parts.load()
    const materials = await openMaterials(loaded.config)
    const gateway = new Gateway(parts, loaded, materials)
    try {
      await gateway.#open()
    } catch (error) {
      await gateway.close()
      throw error instanceof GatewayError
        ? error
        : new GatewayError('GW_START_FAILED', { detail: describe(error), cause: error })
    }
    return gateway
  }

  get config(): Config {
    return this.#materials.config
  }

  get materials(): Materials {
    return this.#materials
  }

  get generation(): number {
    return this.#generation
  }

  get loadedAt(): number {
    return this.#loadedAt
  }

  get state(): 'starting' | 'serving' | 'draining' {
    return this.#state
  }

  /** Why calls should not be sent here now; empty when they should. */
  get notReady(): string[] {
    if (this.#state !== 'serving') return [`the gateway is ${this.#state}`]
    const serving = this.supervisor.threads.some(({ state }) => state === 'serving')
    return serving ? [] : ['no thread serves']
  }

  get reloads(): ReloadHistory {
    return this.#reloads.history
  }

  /** Reads the configuration again. One that is not valid is refused whole, and the old one serves on. */
  async reload(): Promise<ReloadResult> {
    const mistakes = await this.#reloads.request()
    return mistakes.length === 0 ? { taken: true, generation: this.#generation } : { taken: false, mistakes }
  }

  /**
   * Not ready, then a pause for balancers to see it, then no new connections, then the end of running calls.
   *
   * @returns How many calls were cut because the grace was over.
   */
  async drain(): Promise<number> {
    this.#state = 'draining'
    const { delay, grace } = this.config.gateway.drain
    this.supervisor.discourage()
    this.control.services.draining = true
    if (delay > 0) await pause(delay)
    const cuts = await Promise.all([
      this.supervisor.drain(grace),
      drainLanes([], this.control.services.calls, grace),
    ])
    await this.close()
    return cuts[0] + cuts[1]
  }

  /** Stops at once. */
  async close(): Promise<void> {
    this.#state = 'draining'
    await this.supervisor.drain(0)
    await this.#reloads.idle()
    await Promise.all([
      this.operators.close(),
      this.keys.close(),
      ...this.#closeLater.map(({ close }) => close()),
    ])
    await this.control.close()
    this.#stopSurviving()
  }

  async #open(): Promise<void> {
    const { config, tls } = this.#materials
    const { http, https, management } = config.gateway
    if (http !== null) await assertFree(http, 'gateway.http')
    if (https !== null) await assertFree(https.address, 'gateway.https.address')
    await assertFree(management.address, 'gateway.management.address')
    this.#generation = 1
    this.memory.begin(1)
    this.control.serve(config, this.#loaded.registry, 1)
    await restoreLedger(this.#materials.state, this.control.budgets, this.log)
    void this.keys.open(config.identity.issuers)
    await this.operators.update(config, this.#loaded.registry.drivers)
    await this.supervisor.open(
      { kind: 'serve', generation: 1, config, shared: this.memory.map(), tls },
      { http, https: https?.address ?? null, reusePort: false },
    )
    this.#loadedAt = Date.now()
    this.#state = 'serving'
  }

  async #reload(): Promise<readonly string[]> {
    try {
      const before = this.#loaded
      const loaded = await this.#parts.load()
      const mistakes = restartNeeded(before.config, loaded.config)
      if (mistakes.length > 0) return mistakes
      if (this.#state !== 'serving') return [`the gateway is ${this.#state}`]
      const refusals = await this.#take(loaded)
      if (refusals.length > 0) {
        // The main thread could serve it, but a thread cannot: those that do go back, so that all serve the same.
        await this.#take(before)
        return refusals
      }
      this.#loadedAt = Date.now()
      return []
    } catch (error) {
      return mistakeSentences(error)
    }
  }

  /** @returns Reasons of threads that cannot serve it. */
  async #take(loaded: RunnableConfig): Promise<string[]> {
    const materials = await openMaterials(loaded.config)
    const { config, tls } = materials
    const generation = this.#generation + 1
    this.memory.begin(generation)
    // What refuses its settings does so here, before anything serves them.
    this.control.serve(config, loaded.registry, generation)
    this.#generation = generation
    this.#loaded = loaded
    this.#materials = materials
    void this.keys.update(config.identity.issuers)
    const close = await this.operators.update(config, loaded.registry.drivers)
    this.#closeLater.push({ generation, close })
    return await this.supervisor.serve({ kind: 'serve', generation, config, shared: this.memory.map(), tls })
  }

  #retiredBefore(generation: number): void {
    const oldest = Math.min(generation, this.control.oldestGeneration)
    this.memory.retireBefore(oldest)
    while (this.#closeLater.length > 0 && this.#closeLater[0]!.generation <= oldest) {
      void this.#closeLater.shift()!.close()
    }
  }
}
