import type { DriverDefinition } from '../contract/driver.ts'
import type { PluginDefinition } from '../contract/plugin.ts'

/** Every driver and plugin that a configuration may name, the built-in ones and those from outside. */
export interface ModuleRegistry {
  readonly drivers: ReadonlyMap<string, DriverDefinition>
  /** In the order of execution. */
  readonly plugins: readonly PluginDefinition[]
}
