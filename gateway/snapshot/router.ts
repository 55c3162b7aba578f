import type { Route } from './route.ts'
import { RouteTable } from './route-table.ts'

/** Where a Route listens. */
export interface RouteMatch {
  /** Host names and `*.domain` patterns; none for any host. */
  readonly hosts: readonly string[]
  readonly methods: readonly string[]
  readonly path: string
}

/** Methods in the order in which `Allow` lists them. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/**
 * Finds a Route by host, method and path. An exact host comes before the longest matching `*.domain`, that before
 * routes for any host; a host that has no route for the path leaves it to the next.
 */
export class Router {
  readonly #exact = new Map<string, RouteTable>()
  readonly #domains = new Map<string, RouteTable>()
  readonly #any = new RouteTable()

  /** Where a method is taken already, the Route that came first stays. */
  add(match: RouteMatch, route: Route): void {
    const tables = match.hosts.length === 0 ? [this.#any] : match.hosts.map((host) => this.#tableFor(host))
    for (const table of tables) for (const method of match.methods) table.add(match.path, method, route)
  }

  /** @param host Lower-case, without port. @param path Normalised. */
  match(host: string, method: string, path: string): Route | null {
    const exact = this.#exact.get(host)
    if (exact !== undefined) {
      const route = exact.find(method, path)
      if (route !== null) return route
    }
    if (this.#domains.size > 0) {
      for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
        const route = this.#domains.get(host.slice(dot + 1))?.find(method, path) ?? null
        if (route !== null) return route
      }
    }
    return this.#any.find(method, path)
  }

  /** Methods that some Route takes at this host and path. */
  methodsAt(host: string, path: string): string[] {
    return METHODS.filter((method) => this.match(host, method, path)?.forPreflight === false)
  }

  /** True when a Route names this host, or a domain above it. */
  knowsHost(host: string): boolean {
    if (this.#exact.has(host)) return true
    for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
      if (this.#domains.has(host.slice(dot + 1))) return true
    }
    return false
  }

  #tableFor(host: string): RouteTable {
    const [tables, name] = host.startsWith('*.') ? [this.#domains, host.slice(2)] : [this.#exact, host]
    let table = tables.get(name)
    if (table === undefined) {
      table = new RouteTable()
      tables.set(name, table)
    }
    return table
  }
}
