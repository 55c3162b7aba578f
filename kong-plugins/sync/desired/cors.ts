import type { Fields } from '../entities.ts'

interface CorsOptions {
  readonly origins: readonly string[]
  readonly methods: readonly string[]
  readonly headers: readonly string[] | null
  readonly exposedHeaders: readonly string[]
  readonly credentials: boolean
  /** Milliseconds. */
  readonly maxAge: number
  readonly privateNetwork: boolean
}

/**
 * Settings of Kong's `cors` that say the same as ours.
 *
 * @throws Error With a sentence for the operator when there are none.
 */
export function corsConfig(options: CorsOptions): Fields {
  return {
    origins: options.origins.map(originOf),
    methods: options.methods,
    headers: options.headers,
    exposed_headers: options.exposedHeaders.length === 0 ? null : options.exposedHeaders,
    credentials: options.credentials,
    max_age: Math.floor(options.maxAge / 1000),
    private_network: options.privateNetwork,
    preflight_continue: false,
  }
}

/** Kong takes an origin with other characters than those of a plain one for a regular expression. */
function originOf(origin: string): string {
  if (origin === 'null') throw new Error('Kong does not tell the origin "null" from others')
  if (origin === '*' || !origin.includes('*')) return origin
  return origin.replace(/[\\^$.|?+()[\]{}]/g, '\\$&').replaceAll('*', '[A-Za-z0-9-]+')
}
