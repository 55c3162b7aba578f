import type { BackendSlot } from '../capacity/backend-slot.ts'
import type { DeploymentSlot } from '../capacity/deployment-slot.ts'
import type { BackendConfig } from '../config/schema.ts'
import type { DeploymentFacts, DeploymentState, ProbeResult } from '../contract/driver.ts'
import type { Log } from '../contract/plugin.ts'
import type { Operators } from './operators.ts'

/** Looks in a row that have to find a platform or a function away, so that one lost packet moves nothing. */
const MISSES_TO_BELIEVE = 2
/** Milliseconds in which the first looks begin, or a tenth of their interval when that is less. */
const FIRST_WITHIN_MS = 1000

/** A Deployment as far as it is watched. */
export interface WatchedDeployment extends DeploymentFacts {
  readonly backend: string
  readonly slot: DeploymentSlot
  readonly backendSlot: BackendSlot
}

/** What a watch needs of the control plane. */
export interface WatchHost {
  readonly operators: Pick<Operators, 'probe' | 'inventory'>
  readonly log: Log
  /** Of the configuration that is served now. */
  deployments(): readonly WatchedDeployment[]
  /** Milliseconds since 1970. */
  now(): number
  /** A number from 0 below 1. */
  random(): number
}

/** Looks at one platform now and then, and tells placement on all threads what it found. */
export class BackendWatch {
  result: ProbeResult | null = null
  readonly #host: WatchHost
  #nextAt: number
  #looking = false
  #misses = 0
  /** How often in a row a Deployment was found not ready, by its key. */
  #absences = new Map<string, number>()
  #hadInventory = false

  constructor(config: BackendConfig, host: WatchHost) {
    this.#host = host
    this.#nextAt = 0
    this.hurry(config)
  }

  /** Has the next look come soon, but not that of all gateways at once. */
  hurry({ probe }: BackendConfig): void {
    this.#nextAt = this.#host.now() + this.#host.random() * Math.min(FIRST_WITHIN_MS, probe.every / 10)
  }

  get isDue(): boolean {
    return !this.#looking && this.#host.now() >= this.#nextAt
  }

  /** Never rejects. */
  async look({ name, probe }: BackendConfig): Promise<void> {
    const { operators, log } = this.#host
    this.#looking = true
    this.#nextAt = this.#host.now() + probe.every * (0.9 + 0.2 * this.#host.random())
    try {
      const result = await operators.probe(name, probe.timeout)
      this.result = result
      this.#misses = result === null || result.ready ? 0 : this.#misses + 1
      this.#tellBackend(name)
      const states = result?.ready === false ? null : await operators.inventory(name, probe.timeout)
      if (states !== null || this.#hadInventory) this.#tellDeployments(name, states ?? [])
      this.#hadInventory = states !== null
    } catch (error) {
      log.error({ backend: name, err: error }, 'a look at a backend failed')
    } finally {
      this.#looking = false
    }
  }

  #tellBackend(name: string): void {
    const ready = this.#misses < MISSES_TO_BELIEVE
    const deployments = this.#on(name)
    // All Deployments of a Backend have the same slot.
    const slot = deployments[0]?.backendSlot
    if (slot === undefined || slot.ready === ready) return
    slot.ready = ready
    const fields = { backend: name, detail: this.result?.detail }
    if (!ready) {
      this.#host.log.warn(fields, 'a backend is not ready: its functions go elsewhere where they can')
      return
    }
    this.#host.log.info(fields, 'a backend is ready again')
    for (const deployment of deployments) deployment.slot.health.startSlowly(this.#host.now())
  }

  #tellDeployments(name: string, states: readonly DeploymentState[]): void {
    const known = new Map(states.map((state) => [keyOf(state), state]))
    const absences = new Map<string, number>()
    for (const deployment of this.#on(name)) {
      const key = keyOf(deployment)
      const state = known.get(key)
      const absent = state?.ready === false ? (this.#absences.get(key) ?? 0) + 1 : 0
      absences.set(key, absent)
      this.#tell(deployment, state, absent < MISSES_TO_BELIEVE)
    }
    this.#absences = absences
  }

  #tell(deployment: WatchedDeployment, state: DeploymentState | undefined, ready: boolean): void {
    const { health, latency, adaptive } = deployment.slot
    if (health.ready !== ready) {
      const { backend, organization, functionName, name } = deployment
      const fields = { backend, organization, function: functionName, deployment: name }
      if (ready) this.#host.log.info(fields, 'a function is there again')
      else this.#host.log.warn(fields, 'the platform cannot serve a function: it goes elsewhere if it can')
      health.setReady(ready, this.#host.now())
    }
    const isCold = state?.replicas === 0
    if (latency.cold !== isCold) latency.cold = isCold
    adaptive?.declare(state?.limit ?? null)
  }

  #on(backend: string): WatchedDeployment[] {
    return this.#host.deployments().filter((deployment) => deployment.backend === backend)
  }
}

function keyOf({ organization, name }: { readonly organization: string; readonly name: string }): string {
  return `${organization}/${name}`
}
