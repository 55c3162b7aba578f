import type { IssuerConfig } from '../config/schema.ts'
import { createConfiguredKeys, type IssuerKeys } from './issuer-keys.ts'
import type { KeyFeed } from './key-feed.ts'
import { RemoteKeys } from './remote-keys.ts'

/** An issuer of the configuration with its keys. */
export interface TrustedIssuer {
  readonly config: IssuerConfig
  readonly keys: IssuerKeys
}

/**
 * The issuers of a configuration by the exact value of `iss`.
 *
 * @throws Error with a sentence for the operator when a configured key cannot be used.
 */
export function createTrustedIssuers(
  issuers: readonly IssuerConfig[],
  feed: KeyFeed,
): ReadonlyMap<string, TrustedIssuer> {
  return new Map(
    issuers.map((config) => {
      const keys =
        config.jwks === null ? createConfiguredKeys(config) : new RemoteKeys(config, config.jwks, feed)
      return [config.issuer, { config, keys }]
    }),
  )
}
