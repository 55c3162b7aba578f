import findMyWay, { type HTTPMethod } from 'find-my-way'
import type { Route } from './route.ts'

/** Where a Route listens. */
export interface RouteMatch {
  /** Host names and `*.domain` patterns; none for any host. */
  readonly hosts: readonly string[]
  readonly methods: readonly string[]
  readonly path: string
}

/** Methods in the order in which `Allow` lists them. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

type Table = findMyWay.Instance<findMyWay.HTTPVersion.V1>

/**
 * Finds a Route by host, method and path. An exact host comes before the longest matching `*.domain`, that before
 * routes for any host; a host that has no route for the path leaves it to the next.
 */
export class Router {
  readonly #exact = new Map<string, Table>()
  readonly #domains = new Map<string, Table>()
  #any: Table | null = null

  add(match: RouteMatch, route: Route): void {
    const tables =
      match.hosts.length === 0 ? [this.#tableForAny()] : match.hosts.map((host) => this.#tableFor(host))
    for (const table of tables)
      table.on([...match.methods] as HTTPMethod[], escaped(match.path), unused, route)
  }

  /** @param host Lower-case, without port. @param path Normalised. */
  match(host: string, method: string, path: string): Route | null {
    const exact = this.#exact.get(host)
    if (exact !== undefined) {
      const route = find(exact, method, path)
      if (route !== null) return route
    }
    if (this.#domains.size > 0) {
      for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
        const table = this.#domains.get(host.slice(dot + 1))
        const route = table === undefined ? null : find(table, method, path)
        if (route !== null) return route
      }
    }
    return this.#any === null ? null : find(this.#any, method, path)
  }

  /** Methods that some Route takes at this host and path. */
  methodsAt(host: string, path: string): string[] {
    return METHODS.filter((method) => this.match(host, method, path) !== null)
  }

  #tableFor(host: string): Table {
    const [tables, name] = host.startsWith('*.') ? [this.#domains, host.slice(2)] : [this.#exact, host]
    const known = tables.get(name)
    if (known !== undefined) return known
    const made = createTable()
    tables.set(name, made)
    return made
  }

  #tableForAny(): Table {
    this.#any ??= createTable()
    return this.#any
  }
}

function createTable(): Table {
  return findMyWay({ caseSensitive: true, maxParamLength: 65_536 })
}

function find(table: Table, method: string, path: string): Route | null {
  const found = table.find(method as HTTPMethod, escaped(path))
  return found === null ? null : (found.store as Route)
}

/**
 * The matcher decodes escapes; our paths are normalised already and must be compared as they are, so it never sees a
 * percent sign. No path holds the byte that stands for it.
 */
function escaped(path: string): string {
  return path.includes('%') ? path.replaceAll('%', '\x01') : path
}

/** The matcher wants a handler; we only use it to find. */
function unused(): void {}
