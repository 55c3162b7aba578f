import type { RouteConfig } from '../../../gateway/config/schema.ts'
import type { Fields } from '../entities.ts'

interface Limit {
  readonly limit: number
  /** Milliseconds. */
  readonly window: number
}

interface RateLimitOptions extends Limit {
  readonly by: 'principal' | 'address' | 'route' | 'organization'
  readonly also: readonly Limit[]
}

/** Windows that Kong has; its months and years differ in length. */
const WINDOWS = new Map([
  [1000, 'second'],
  [60_000, 'minute'],
  [3_600_000, 'hour'],
  [86_400_000, 'day'],
])

/**
 * Settings of Kong's `rate-limiting` that say the same as ours; each node of Kong counts for itself. The exact limit is
 * the gateway's, which also tells clients of it.
 *
 * @throws Error With a sentence for the operator when there are none.
 */
export function rateLimitConfig(options: RateLimitOptions, { auth }: Pick<RouteConfig, 'auth'>): Fields {
  const windows = [options, ...options.also].map(({ limit, window }) => {
    const name = WINDOWS.get(window)
    if (name === undefined)
      throw new Error(`Kong has no window of ${window / 1000} s, only 1s, 1m, 1h and 1d`)
    return [name, limit] as const
  })
  return {
    ...Object.fromEntries(windows),
    limit_by: sharedBy(options.by, auth === null),
    policy: 'local',
    fault_tolerant: true,
    hide_client_headers: true,
  }
}

/** Within one route, Kong counts each service by itself: that is the route. */
function sharedBy(by: RateLimitOptions['by'], isPublic: boolean): string {
  if (by === 'route') return 'service'
  if (by === 'address' || (by === 'principal' && isPublic)) return 'ip'
  if (by === 'principal')
    throw new Error('Kong does not know the principals of the gateway: give it `by: address`')
  throw new Error('Kong cannot count the calls of an organization')
}
