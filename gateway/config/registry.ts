import type { DriverDefinition } from '../contract/driver.ts'
import type { PluginDefinition } from '../contract/plugin.ts'
import { BackendSchema } from './schema/backends.ts'

/** The drivers and plugins that a configuration may name. */
export interface Registry {
  /** By kind. */
  readonly drivers: ReadonlyMap<string, DriverDefinition>
  /** In the order of execution. */
  readonly plugins: readonly PluginDefinition[]
}

/** Fields of a backend that are the gateway's; no option of a driver can have these names. */
export const BACKEND_FIELDS: readonly string[] = Object.keys(BackendSchema.properties)

/**
 * A registry with one more driver.
 *
 * @throws Error With a sentence for the operator when the kind is taken.
 */
export function withDriver(registry: Registry, driver: DriverDefinition): Registry {
  if (registry.drivers.has(driver.kind)) throw new Error(`there is a driver "${driver.kind}" already`)
  return { ...registry, drivers: new Map([...registry.drivers, [driver.kind, driver]]) }
}

/**
 * A registry with one more plugin, which runs after all others.
 *
 * @throws Error With a sentence for the operator when the name is taken.
 */
export function withPlugin(registry: Registry, plugin: PluginDefinition): Registry {
  if (registry.plugins.some(({ name }) => name === plugin.name)) {
    throw new Error(`there is a plugin "${plugin.name}" already`)
  }
  return { ...registry, plugins: [...registry.plugins, plugin] }
}
