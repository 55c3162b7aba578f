import type { BurstBudget } from '../capacity/burst-budget.ts'
import type { SharedMemory } from '../capacity/shared-memory.ts'
import type { Registry } from '../config/registry.ts'
import type { Config } from '../config/schema.ts'
import type { TransportName } from '../contract/transport.ts'
import type { KeyFeed } from '../identity/key-feed.ts'
import type { Deployment } from '../placement/deployment.ts'
import { Authenticators } from '../snapshot/authenticators.ts'
import { burstBudgets } from '../snapshot/burst-budgets.ts'
import { compileSnapshot } from '../snapshot/compile.ts'
import { Invokers } from '../snapshot/invokers.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { ThreadServices } from '../threads/thread-services.ts'
import { TRANSPORTS } from '../transport/open-transport.ts'

/**
 * The main thread's own Snapshot. Compiling it first is what finds out whether a configuration can be served, and
 * what allocates the shared memory; operators invoke Functions through it.
 */
export class ControlSnapshot {
  readonly #memory: SharedMemory
  readonly #threads: number
  readonly #epoch: number
  readonly services: ThreadServices
  readonly #invokers: Invokers
  readonly #authenticators: Authenticators
  /** The newest first. */
  #snapshots: Snapshot[] = []
  #budgets: readonly BurstBudget[] = []

  /** @param threads Data-plane threads; the main thread comes after them. */
  constructor(
    services: ThreadServices,
    transport: TransportName,
    memory: SharedMemory,
    keys: KeyFeed,
    threads: number,
    epoch: number,
  ) {
    this.#memory = memory
    this.#threads = threads
    this.#epoch = epoch
    this.services = services
    this.#invokers = new Invokers(TRANSPORTS[transport], services.log)
    this.#authenticators = new Authenticators(keys, services)
  }

  /** @throws Error with a sentence for the operator; the Snapshot before stays. */
  serve(config: Config, modules: Registry, generation: number): void {
    const next = compileSnapshot(
      config,
      generation,
      {
        ...modules,
        cells: this.#memory,
        threads: this.#threads + 1,
        thread: this.#threads,
        epoch: this.#epoch,
        log: this.services.log,
        invokers: this.#invokers,
        authenticators: this.#authenticators,
        random: Math.random,
      },
      () => {
        this.#snapshots = this.#snapshots.filter((kept) => kept !== next)
      },
    )
    this.#budgets = burstBudgets(
      config,
      this.#memory,
      this.#threads + 1,
      this.#threads,
      this.services.log,
    ).all
    this.services.configure(config)
    const [before] = this.#snapshots
    this.#snapshots = [next, ...this.#snapshots]
    before?.retire()
  }

  get current(): Snapshot {
    return this.#snapshots[0]!
  }

  /** The oldest configuration that a call of an operator still uses. */
  get oldestGeneration(): number {
    return this.#snapshots.at(-1)?.generation ?? 0
  }

  /** Every Deployment, in the order of the configuration. */
  get deployments(): Deployment[] {
    return [...(this.#snapshots[0]?.functions.values() ?? [])].flatMap(({ deployments }) => [...deployments])
  }

  /** Every burst budget, in the order of the configuration. */
  get budgets(): readonly BurstBudget[] {
    return this.#budgets
  }

  announce(backend: string, facts: unknown): void {
    this.#invokers.announce(backend, facts)
  }

  async close(): Promise<void> {
    for (const snapshot of this.#snapshots) snapshot.retire()
    await this.services.close()
  }
}
