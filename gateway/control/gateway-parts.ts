import type { Registry } from '../config/registry.ts'
import type { Config } from '../config/schema.ts'

/** A configuration with the modules that it names. */
export interface LoadedConfig {
  readonly config: Config
  readonly registry: Registry
}

export interface GatewayParts {
  /** Module that the data-plane threads run. */
  readonly entry: URL
  /** Log lines for a terminal instead of JSON. */
  readonly pretty: boolean
  /** @throws ConfigInvalid With every mistake. */
  readonly load: () => Promise<LoadedConfig>
}
