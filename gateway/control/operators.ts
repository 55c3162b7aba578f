import type { BackendConfig, Config } from '../config/schema.ts'
import type {
  DeploymentFacts,
  DeploymentState,
  DriverDefinition,
  Operator,
  ProbeResult,
} from '../contract/driver.ts'
import type { Log } from '../contract/plugin.ts'

interface Held {
  readonly backend: BackendConfig
  readonly settings: string
  readonly operator: Operator
  /** Why the last inventory failed; empty when it did not. */
  complaint: string
}

/** Milliseconds that the gateway waits for an operator before it goes on without. */
export interface Patience {
  readonly openMs: number
  readonly probeMs: number
  readonly closeMs: number
}

const PATIENCE: Patience = { openMs: 20_000, probeMs: 5000, closeMs: 10_000 }

/** The operators of all Backends: the part of the drivers that lives on the main thread. */
export class Operators {
  readonly #held = new Map<string, Held>()
  readonly #log: Log
  readonly #announce: (backend: string, facts: unknown) => void
  readonly #patience: Patience

  constructor(log: Log, announce: (backend: string, facts: unknown) => void, patience = PATIENCE) {
    this.#log = log
    this.#announce = announce
    this.#patience = patience
  }

  /**
   * Takes the Backends of a configuration: opens new operators, tells those that stay about their Deployments.
   * Resolves when all can serve or have said that it will take longer. An operator that fails is logged; its Backend
   * is then unreachable, the others serve.
   *
   * @returns Closes the operators that are not needed any more; to be called when no call uses them.
   */
  async update(config: Config, drivers: ReadonlyMap<string, DriverDefinition>): Promise<() => Promise<void>> {
    const gone: Held[] = []
    const wanted = new Map(config.backends.map((backend) => [backend.name, backend]))
    for (const [name, held] of this.#held) {
      const backend = wanted.get(name)
      if (backend !== undefined && settingsOf(backend) === held.settings) continue
      this.#held.delete(name)
      gone.push(held)
    }
    await Promise.all(config.backends.map((backend) => this.#take(backend, config, drivers)))
    return async () => {
      await Promise.all(gone.map((held) => this.#close(held)))
    }
  }

  /** The operator of a Backend; null when it has none. */
  get(backend: string): Operator | null {
    return this.#held.get(backend)?.operator ?? null
  }

  /** Asks a platform whether it is there; null when its driver has no operator. Never rejects. */
  async probe(backend: string, timeoutMs = this.#patience.probeMs): Promise<ProbeResult | null> {
    const held = this.#held.get(backend)
    if (held === undefined) return null
    try {
      return await within(timeoutMs, held.operator.probe(AbortSignal.timeout(timeoutMs)))
    } catch (error) {
      return { ready: false, detail: sentenceOf(error) }
    }
  }

  /**
   * What a platform says of its Deployments; null when it does not tell. Never rejects: why it failed is logged once,
   * until it is another reason.
   */
  async inventory(
    backend: string,
    timeoutMs = this.#patience.probeMs,
  ): Promise<readonly DeploymentState[] | null> {
    const held = this.#held.get(backend)
    if (held?.operator.inventory === undefined) return null
    try {
      const states = await within(timeoutMs, held.operator.inventory(AbortSignal.timeout(timeoutMs)))
      held.complaint = ''
      return states
    } catch (error) {
      const complaint = sentenceOf(error)
      if (complaint !== held.complaint) this.#log.warn({ backend, err: error }, 'there is no inventory')
      held.complaint = complaint
      return null
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#held.values()].map((held) => this.#close(held)))
    this.#held.clear()
  }

  async #take(
    backend: BackendConfig,
    config: Config,
    drivers: ReadonlyMap<string, DriverDefinition>,
  ): Promise<void> {
    const deployments = deploymentsOn(backend.name, config)
    try {
      const held = this.#held.get(backend.name)
      if (held !== undefined) {
        await within(this.#patience.openMs, held.operator.update?.(deployments))
        return
      }
      const settings = settingsOf(backend)
      // One that was replaced has the same name and may still have something to say.
      const isCurrent = (): boolean => this.#held.get(backend.name)?.settings === settings
      const operator = drivers.get(backend.driver)?.operator?.(backend.options, {
        backend: backend.name,
        deployments,
        configDirectory: config.directory,
        log: this.#log,
        announce: (facts) => {
          if (isCurrent()) this.#announce(backend.name, facts)
        },
      })
      if (operator === undefined || operator === null) return
      this.#held.set(backend.name, { backend, settings, operator, complaint: '' })
      await within(this.#patience.openMs, operator.open())
    } catch (error) {
      this.#log.error({ backend: backend.name, err: error }, 'the operator of a backend failed')
    }
  }

  async #close({ backend, operator }: Held): Promise<void> {
    try {
      await within(this.#patience.closeMs, operator.close())
    } catch (error) {
      this.#log.error({ backend: backend.name, err: error }, 'closing the operator of a backend failed')
    }
  }
}

/** @throws Error When it takes longer: the work goes on, but nobody waits for it. */
async function within<Result>(ms: number, work: Promise<Result> | undefined): Promise<Result> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`it takes longer than ${ms / 1000} s`)), ms)
  try {
    return await Promise.race([work as Promise<Result>, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function settingsOf({ driver, options }: BackendConfig): string {
  return JSON.stringify([driver, options])
}

function deploymentsOn(backend: string, config: Config): DeploymentFacts[] {
  return config.functions.flatMap(({ organization, name: functionName, deployments }) =>
    deployments
      .filter((deployment) => deployment.backend === backend)
      .map(({ name }) => ({ organization, functionName, name })),
  )
}
