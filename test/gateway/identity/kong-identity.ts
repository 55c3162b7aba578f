import type { KongIdentityConfig } from '../../../gateway/config/schema.ts'
import { KEY, OTHER_KEY } from '../../kong-plugins/dispatch-edge/assertion.ts'

/** `identity.kong` with its defaults and two keys. */
export function kongIdentityConfig(settings: Partial<KongIdentityConfig> = {}): KongIdentityConfig {
  return {
    keys: [KEY, OTHER_KEY],
    audience: 'dispatch',
    skew: 5000,
    maxLifetime: 60_000,
    boundToRequest: true,
    subject: 'id',
    organization: 'default',
    organizations: null,
    rolePrefix: null,
    ...settings,
  }
}
