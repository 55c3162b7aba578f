import type { KongPluginName, RouteConfig } from '../../../gateway/config/schema.ts'
import type { Fields } from '../entities.ts'
import { corsConfig } from './cors.ts'
import { rateLimitConfig } from './rate-limit.ts'

/** A plugin of Kong with its settings. */
export interface KongPlugin {
  readonly plugin: string
  readonly config: Fields
}

interface IpRestrictionOptions {
  readonly allow: readonly string[]
  readonly deny: readonly string[]
}

interface RequestSizeOptions {
  readonly limit: number
}

/** Options are those of our plugins, validated and complete. */
type Translation = (options: never, route: RouteConfig) => KongPlugin

const TRANSLATIONS: Readonly<Record<KongPluginName, Translation>> = {
  cors: (options: Parameters<typeof corsConfig>[0]) => ({ plugin: 'cors', config: corsConfig(options) }),
  'ip-restriction': ({ allow, deny }: IpRestrictionOptions) => ({
    plugin: 'ip-restriction',
    config: { allow: orNull(allow), deny: orNull(deny), status: 403 },
  }),
  'request-size': ({ limit }: RequestSizeOptions) => ({
    plugin: 'request-size-limiting',
    config: { allowed_payload_size: limit, size_unit: 'bytes', require_content_length: false },
  }),
  'rate-limit': (options: Parameters<typeof rateLimitConfig>[0], route) => ({
    plugin: 'rate-limiting',
    config: rateLimitConfig(options, route),
  }),
}

/**
 * A plugin of a route as Kong runs it.
 *
 * @throws Error With a sentence for the operator when Kong's plugin cannot do what the settings say.
 */
export function translate(name: KongPluginName, route: RouteConfig): KongPlugin {
  const policy = route.plugins.find(({ plugin }) => plugin === name)!
  // Validated by the schema of the plugin, which only the composition root knows.
  return TRANSLATIONS[name](policy.options as never, route)
}

function orNull(list: readonly string[]): readonly string[] | null {
  return list.length === 0 ? null : list
}
