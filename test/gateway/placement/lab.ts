import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'
import { parseConfig } from '../../../gateway/config/load-config.ts'
import type { Deployment } from '../../../gateway/placement/deployment.ts'
import { EntryZones } from '../../../gateway/placement/entry-zones.ts'
import type { FunctionPlacement } from '../../../gateway/placement/function-placement.ts'
import { place } from '../../../gateway/placement/place.ts'
import { type Placing, untried } from '../../../gateway/placement/placing.ts'
import { compileFunctions } from '../../../gateway/snapshot/compile-functions.ts'
import { Invokers } from '../../../gateway/snapshot/invokers.ts'
import { registry } from '../config/sample.ts'

/** When the gateway of a lab starts. */
export const EPOCH = Date.UTC(2026, 10, 1)

const SILENT = { info() {}, warn() {}, error() {} }

/** One Function of a configuration in a time and with a chance that the test owns. */
export class Lab {
  readonly placement: FunctionPlacement
  readonly deployments: readonly Deployment[]
  readonly memory: SharedMemory
  now = EPOCH + 1000
  #seed: number

  private constructor(
    make: (random: () => number) => Pick<Lab, 'placement' | 'deployments' | 'memory'>,
    seed: number,
  ) {
    this.#seed = seed
    const { placement, deployments, memory } = make(() => this.random())
    this.placement = placement
    this.deployments = deployments
    this.memory = memory
  }

  /**
   * @param backends By name; `driver` and its options are filled in. @param fn Of the Function `f`; its deployments are
   * all backends unless it says other ones. @param rest Of the configuration.
   */
  static async open(
    backends: Record<string, Record<string, unknown>>,
    fn: Record<string, unknown> = {},
    rest: Record<string, unknown> = {},
    seed = 1,
  ): Promise<Lab> {
    const named = Object.entries(backends).map(([name, backend]) => [
      name,
      { driver: 'plain', url: 'http://127.0.0.1:1', ...backend },
    ])
    const written = {
      ...rest,
      backends: Object.fromEntries(named),
      functions: { f: { deployments: Object.keys(backends), ...fn } },
    }
    const { config } = await parseConfig(JSON.stringify(written), '/dispatch.yaml', registry)
    const memory = new SharedMemory()
    const transport = () => {
      throw new Error('nothing is sent in a lab')
    }
    return new Lab((random) => {
      const functions = compileFunctions(
        config,
        {
          drivers: registry.drivers,
          cells: memory,
          threads: 1,
          thread: 0,
          epoch: EPOCH,
          log: SILENT,
          invokers: new Invokers(transport, SILENT),
          random,
        },
        new EntryZones(config.placement, config.backends),
        [],
      )
      const { placement, deployments } = functions.get('default/f')!
      return { placement, deployments, memory }
    }, seed)
  }

  /** The same sequence for the same seed (a linear congruential generator, Knuth and Lewis). */
  random(): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0
    return this.#seed / 2 ** 32
  }

  deployment(backend: string): Deployment {
    return this.deployments.find((one) => one.backend === backend)!
  }

  /** Places a call and keeps its slot. */
  place(placing: Placing = call()): Deployment | null {
    return place(this.placement, placing, this.now)
  }

  /** Places a call and gives its slot back: the name of its backend, or null. */
  where(placing: Placing = call()): string | null {
    const deployment = this.place(placing)
    deployment?.release()
    placing.charge?.settle(1, this.now)
    return deployment?.backend ?? null
  }

  /** Share of the calls by backend. */
  shares(calls: number, placing: () => Placing = call): Record<string, number> {
    const counts: Record<string, number> = {}
    for (let i = 0; i < calls; i++) {
      const backend = this.where(placing()) ?? 'nowhere'
      counts[backend] = (counts[backend] ?? 0) + 1 / calls
    }
    return counts
  }

  /** Fills a backend with calls that do not end. */
  fill(backend: string, calls: number): void {
    const deployment = this.deployment(backend)
    for (let i = 0; i < calls; i++) deployment.tryTake(this.now, true)
  }

  eject(backend: string): void {
    for (let i = 0; i < 5; i++) this.deployment(backend).observe('unreachable', 0, 1, 1, this.now)
  }
}

/** A call as placement sees it. */
export const call = untried
