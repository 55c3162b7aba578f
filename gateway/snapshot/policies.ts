import type { PolicyConfig, RouteConfig } from '../config/schema.ts'
import type { Log, Plugin, PluginDefinition } from '../contract/plugin.ts'
import { Rejection, Reply } from '../contract/rejection.ts'
import type { SharedCells } from '../contract/shared-cells.ts'

/**
 * Creates the plugins of one Snapshot: one instance for each Policy, that is for each place where it was written. So a
 * limit on an organization counts the calls of all its routes together.
 */
export class Policies {
  readonly #definitions: ReadonlyMap<string, PluginDefinition>
  readonly #cells: SharedCells
  readonly #log: Log
  readonly #made = new Map<string, Plugin>()

  constructor(definitions: readonly PluginDefinition[], cells: SharedCells, log: Log) {
    this.#definitions = new Map(definitions.map((definition) => [definition.name, definition]))
    this.#cells = cells
    this.#log = log
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
        this.#log.error({ err: error }, 'closing a plugin failed')
      }
    }
  }

  #plugin(policy: PolicyConfig, route: RouteConfig): Plugin {
    const key = `${policy.plugin} ${ownerOf(policy, route)}`
    const known = this.#made.get(key)
    if (known !== undefined) return known
    const definition = this.#definitions.get(policy.plugin)
    if (definition === undefined) throw new Error(`there is no plugin ${policy.plugin}`)
    const made = definition.create(policy.options, {
      shared: (name, words) => this.#cells.claim(`policy:${key}:${name}`, words),
      log: this.#log,
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
