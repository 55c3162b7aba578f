import type { PluginDefinition } from '../contract/plugin.ts'
import { plugin as concurrencyLimit } from './concurrency-limit.ts'
import { plugin as cors } from './cors.ts'
import { plugin as headers } from './headers.ts'
import { plugin as ipRestriction } from './ip-restriction.ts'
import { plugin as rateLimit } from './rate-limit.ts'
import { plugin as requestSize } from './request-size.ts'

/**
 * The plugins that are built in. Their order is the order of execution in every phase: who may call at all, then what
 * costs nothing to refuse, then what counts (calls at once first: what they refuse counts for no rate), and last what changes the headers, so that it has the last word.
 */
export const plugins: readonly PluginDefinition[] = [
  ipRestriction,
  cors,
  requestSize,
  concurrencyLimit,
  rateLimit,
  headers,
]
