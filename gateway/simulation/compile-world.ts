import { CallPrice } from '../capacity/call-price.ts'
import { SharedMemory } from '../capacity/shared-memory.ts'
import type { RunnableConfig } from '../config/load-config.ts'
import type { DriverDefinition, Invoker } from '../contract/driver.ts'
import type { Log } from '../contract/plugin.ts'
import { EntryZones } from '../placement/entry-zones.ts'
import { compileFunctions } from '../snapshot/compile-functions.ts'
import type { FunctionTarget } from '../snapshot/function-target.ts'
import { Invokers } from '../snapshot/invokers.ts'

/** A configuration compiled as a gateway with one thread would, with nothing behind its drivers. */
export interface World {
  readonly functions: ReadonlyMap<string, FunctionTarget>
  readonly entryZones: EntryZones
  /** What a call of a function costs on each of its deployments, by the key of the function and by index. */
  readonly prices: ReadonlyMap<FunctionTarget, readonly CallPrice[]>
}

/**
 * @param epoch Milliseconds since 1970 when the run begins.
 * @param random Gives a number from 0 below 1, for placement.
 */
export function compileWorld(
  { config, registry }: RunnableConfig,
  epoch: number,
  random: () => number,
  log: Log,
): World {
  const drivers = new Map([...registry.drivers].map(([kind, driver]) => [kind, withNothingBehind(driver)]))
  const entryZones = new EntryZones(config.placement, config.backends)
  const transport = () => {
    throw new Error('a simulation sends nothing')
  }
  const functions = compileFunctions(
    config,
    {
      drivers,
      cells: new SharedMemory(),
      threads: 1,
      thread: 0,
      epoch,
      log,
      invokers: new Invokers(transport, log),
      random,
    },
    entryZones,
    [],
  )
  const rates = new Map(config.backends.map(({ name, price }) => [name, price]))
  const prices = config.functions.map((fn) => {
    const target = functions.get(`${fn.organization}/${fn.name}`)!
    return [target, fn.deployments.map((one) => new CallPrice(rates.get(one.backend)!, one.memory))] as const
  })
  return { functions, entryZones, prices: new Map(prices) }
}

const NOTHING: Invoker = { invoke() {}, close: async () => {} }

function withNothingBehind(driver: DriverDefinition): DriverDefinition {
  return { ...driver, invoker: () => NOTHING }
}
