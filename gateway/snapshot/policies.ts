import { HeldByKey } from '../capacity/held-by-key.ts'
import type { PolicyConfig, RouteConfig } from '../config/schema.ts'
import type { Log, Plugin, PluginDefinition } from '../contract/plugin.ts'
import { Rejection, Reply } from '../contract/rejection.ts'
import type { SharedCells } from '../contract/shared-cells.ts'
import { HeldCounts } from './held-counts.ts'

/** What Policies need of the thread that they are made on. */
export interface PolicyParts {
  readonly plugins: readonly PluginDefinition[]
  readonly cells: SharedCells
  /** Number of threads that serve calls. */
  readonly threads: number
  readonly thread: number
  readonly log: Log
}

/**
 * Creates the plugins of one Snapshot: one instance for each Policy, that is for each place where it was written. So a
 * limit on an organization counts the calls of all its routes together.
 */
export class Policies {
  readonly #definitions: ReadonlyMap<string, PluginDefinition>
  readonly #parts: PolicyParts
  readonly #made = new Map<string, Plugin>()

  constructor(parts: PolicyParts) {
    this.#definitions = new Map(parts.plugins.map((definition) => [definition.name, definition]))
    this.#parts = parts
  }

  /** The plugins of a Route in the order of execution. */
  forRoute(route: RouteConfig): Plugin[] {
    return route.plugins.map((policy) => this.#plugin(policy, route))
  }

  close(): void {
    for (const plugin of this.#made.values()) {
      try {
        plugin.close?.()
      } catch (error) {
        this.#parts.log.error({ err: error }, 'closing a plugin failed')
      }
    }
  }

  #plugin(policy: PolicyConfig, route: RouteConfig): Plugin {
    const key = `${policy.plugin} ${ownerOf(policy, route)}`
    const known = this.#made.get(key)
    if (known !== undefined) return known
    const definition = this.#definitions.get(policy.plugin)
    if (definition === undefined) throw new Error(`there is no plugin ${policy.plugin}`)
    const { cells, threads, thread, log } = this.#parts
    const nameOf = (name: string) => `policy:${key}:${name}`
    const made = definition.create(policy.options, {
      shared: (name, words) => cells.claim(nameOf(name), words),
      held: (name, keys) => new HeldCounts(HeldByKey.claim(cells, nameOf(name), keys, threads, thread)),
      log,
      reject: (code, detail, headers) => new Rejection(code, detail, headers),
      reply: (status, headers, body) => new Reply(status, headers, body),
    })
    this.#made.set(key, made)
    return made
  }
}

/** Names the place where a Policy was written. */
function ownerOf(policy: PolicyConfig, route: RouteConfig): string {
  if (policy.scope === 'default') return 'default'
  const owner = `organization ${route.organization}`
  return policy.scope === 'organization' ? owner : `${owner} route ${route.name}`
}
