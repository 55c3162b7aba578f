import type { RunnableConfig } from '../config/load-config.ts'

export interface GatewayParts {
  /** Module that the data-plane threads run. */
  readonly entry: URL
  /** Log lines for a terminal instead of JSON. */
  readonly pretty: boolean
  /** @throws ConfigInvalid With every mistake. */
  readonly load: () => Promise<RunnableConfig>
}
