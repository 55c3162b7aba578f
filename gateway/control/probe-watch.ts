import type { BackendConfig } from '../config/schema.ts'
import type { ProbeResult } from '../contract/driver.ts'
import type { Log } from '../contract/plugin.ts'
import { BackendWatch, type WatchedDeployment, type WatchHost } from './backend-watch.ts'
import type { Operators } from './operators.ts'

/** Milliseconds between two thoughts on who is to be looked at. */
const TICK_MS = 100

/** What is watched; the Gateway is one. */
export interface WatchedGateway {
  readonly config: { readonly backends: readonly BackendConfig[] }
  readonly generation: number
  readonly operators: Pick<Operators, 'probe' | 'inventory'>
  readonly control: { readonly deployments: readonly WatchedDeployment[] }
  readonly log: Log
}

/**
 * Asks every platform now and then whether it is there and what runs on it: for placement, the status and the metrics.
 * Each Backend has its own interval (`probe.every`), with a tenth of chance in it. A new configuration is looked at soon.
 */
export class ProbeWatch {
  readonly #gateway: WatchedGateway
  readonly #watches = new Map<string, BackendWatch>()
  readonly #host: WatchHost
  #generation = 0
  #timer: NodeJS.Timeout | null = null

  constructor(gateway: WatchedGateway, now = Date.now, random = Math.random) {
    this.#gateway = gateway
    this.#host = {
      operators: gateway.operators,
      log: gateway.log,
      deployments: () => gateway.control.deployments,
      now,
      random,
    }
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), TICK_MS).unref()
    void this.look()
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }

  /** What the latest probe of each Backend found; null when there was none, or nobody can tell. */
  get results(): ReadonlyMap<string, ProbeResult | null> {
    return new Map([...this.#watches].map(([name, watch]) => [name, watch.result]))
  }

  /** Looks at all that are due; resolves when these looks are over. */
  async look(): Promise<void> {
    const { config, generation } = this.#gateway
    const isNew = generation !== this.#generation
    this.#generation = generation
    const wanted = new Set(config.backends.map(({ name }) => name))
    for (const name of this.#watches.keys()) if (!wanted.has(name)) this.#watches.delete(name)
    await Promise.all(
      config.backends.map(async (backend) => {
        const watch = this.#watchOf(backend)
        if (isNew) watch.hurry(backend)
        if (watch.isDue) await watch.look(backend)
      }),
    )
  }

  #watchOf(backend: BackendConfig): BackendWatch {
    let watch = this.#watches.get(backend.name)
    if (watch === undefined) {
      watch = new BackendWatch(backend, this.#host)
      this.#watches.set(backend.name, watch)
    }
    return watch
  }
}
