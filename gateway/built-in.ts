import { drivers } from '../drivers/index.ts'
import type { Registry } from './config/registry.ts'
import { plugins } from './plugins/index.ts'
import { watchedDriver } from './threads/watched-driver.ts'

/** The drivers and plugins of the project: the only file that knows which exist. */
export const registry: Registry = {
  drivers: new Map(drivers.map((driver) => [driver.kind, driver])),
  plugins,
}

/** Drivers from outside are watched: their errors end their own calls. */
export function watched(all: Registry): Registry {
  const found = [...all.drivers].map(
    ([kind, driver]) => [kind, registry.drivers.has(kind) ? driver : watchedDriver(driver)] as const,
  )
  return { ...all, drivers: new Map(found) }
}
