import { BackendSlot } from '../capacity/backend-slot.ts'
import { CallPrice } from '../capacity/call-price.ts'
import { DeploymentSlot } from '../capacity/deployment-slot.ts'
import { FunctionLoad } from '../capacity/function-load.ts'
import { HedgeBudget } from '../capacity/hedge-budget.ts'
import { RetryBudget } from '../capacity/retry-budget.ts'
import { WakePermit } from '../capacity/wake-permit.ts'
import type { BackendConfig, Config, DeploymentConfig, FunctionConfig } from '../config/schema.ts'
import type { DriverDefinition } from '../contract/driver.ts'
import type { Log } from '../contract/plugin.ts'
import type { SharedCells } from '../contract/shared-cells.ts'
import { BurstGate } from '../placement/burst-gate.ts'
import { compilePlacement } from '../placement/compile-placement.ts'
import { Deployment } from '../placement/deployment.ts'
import type { EntryZones } from '../placement/entry-zones.ts'
import { DispatchInvoker } from '../runtime/dispatch-invoker.ts'
import { burstBudgets, type FunctionBurst } from './burst-budgets.ts'
import type { FunctionTarget, HedgeRules } from './function-target.ts'
import type { Invokers } from './invokers.ts'

/** What Functions need of the thread. */
export interface FunctionHost {
  readonly drivers: ReadonlyMap<string, DriverDefinition>
  readonly cells: SharedCells
  /** Threads that serve calls, the main thread among them: it invokes for operators. */
  readonly threads: number
  readonly thread: number
  /** Milliseconds since 1970 when the gateway started. */
  readonly epoch: number
  readonly log: Log
  readonly invokers: Invokers
  /** Gives a number from 0 below 1, for placement. */
  readonly random: () => number
}

/** Name of a Function over all organizations. */
export function functionKey(organization: string, name: string): string {
  return `${organization}/${name}`
}

/**
 * Every Function of a configuration, by its key.
 *
 * @param used Gets each Backend whose invoker was acquired, also when this throws.
 * @throws Error with a sentence for the operator when a driver refuses a Deployment.
 */
export function compileFunctions(
  config: Config,
  host: FunctionHost,
  entryZones: EntryZones,
  used: BackendConfig[],
): Map<string, FunctionTarget> {
  const backends = new Map(config.backends.map((backend) => [backend.name, compileBackend(backend, host)]))
  const budgets = burstBudgets(config, host.cells, host.threads, host.thread, host.log)
  return new Map(
    config.functions.map((fn) => {
      const deployments = fn.deployments.map((deployment, index) =>
        compileDeployment(fn, deployment, index, backends.get(deployment.backend)!, host, used),
      )
      const gate = burstGate(fn, config, budgets.of(fn))
      const placement = compilePlacement(fn, deployments, config.placement, entryZones.all, gate, {
        cells: host.cells,
        epoch: host.epoch,
        random: host.random,
      })
      const target: FunctionTarget = {
        organization: fn.organization,
        name: fn.name,
        deployments,
        placement,
        load: new FunctionLoad(host.cells, functionKey(fn.organization, fn.name), host.threads, host.thread),
        waiting: fn.waiting,
        timeoutMs: fn.timeout,
        idempotent: fn.idempotent,
        hedge: hedgeRules(fn, host),
        retryBudget: new RetryBudget(),
      }
      return [functionKey(fn.organization, fn.name), target]
    }),
  )
}

interface CompiledBackend {
  readonly config: BackendConfig
  readonly driver: DriverDefinition
  readonly slot: BackendSlot
}

function compileBackend(config: BackendConfig, host: FunctionHost): CompiledBackend {
  const driver = host.drivers.get(config.driver)
  if (driver === undefined) throw new Error(`there is no driver ${config.driver}`)
  const slot = new BackendSlot(
    host.cells,
    config.name,
    host.threads,
    host.thread,
    config.concurrency ?? undefined,
  )
  return { config, driver, slot }
}

function hedgeRules({ hedge, organization, name }: FunctionConfig, host: FunctionHost): HedgeRules | null {
  if (hedge === null) return null
  return {
    afterMs: hedge.after === 'p95' ? null : hedge.after,
    budget: new HedgeBudget(hedge.extraLoad),
    wake: new WakePermit(host.cells, functionKey(organization, name), host.epoch),
  }
}

function burstGate(fn: FunctionConfig, { backends }: Config, burst: FunctionBurst | null): BurstGate | null {
  if (burst === null) return null
  const rates = new Map(backends.map(({ name, price }) => [name, price]))
  const prices = fn.deployments.map(({ backend, memory }) => new CallPrice(rates.get(backend)!, memory))
  return new BurstGate(burst.own, burst.shared, prices, fn.timeout)
}

function compileDeployment(
  fn: FunctionConfig,
  { name, concurrency }: DeploymentConfig,
  index: number,
  { config: backend, driver, slot: backendSlot }: CompiledBackend,
  host: FunctionHost,
  used: BackendConfig[],
): Deployment {
  const invoker = host.invokers.acquire(driver, backend)
  used.push(backend)
  const facts = { organization: fn.organization, functionName: fn.name, name }
  invoker.check?.(facts)
  const key = `${functionKey(fn.organization, fn.name)}@${backend.name}/${name}`
  const slot = new DeploymentSlot(host.cells, key, host.threads, host.thread, host.epoch, concurrency)
  const { zone, offers, burst, drain } = backend
  const traits = { zone, offers, burst, drain }
  return new Deployment({
    facts,
    backend: backend.name,
    index,
    traits,
    invoker: fn.contract === 'dispatch' ? new DispatchInvoker(invoker, host.log) : invoker,
    slot,
    backendSlot,
    log: host.log,
  })
}
