import type { RouteFacts } from '../contract/call.ts'
import type { Plugin } from '../contract/plugin.ts'
import type { RouteSeries } from '../observe/series.ts'
import type { AccessStep } from './access-step.ts'
import type { FunctionTarget } from './function-target.ts'
import type { Rewrite } from './rewrite.ts'

/** What a Route is made of. */
export interface RouteParts {
  readonly name: string
  readonly path: string
  readonly steps: readonly AccessStep[]
  readonly plugins: readonly Plugin[]
  readonly target: FunctionTarget
  readonly maxAttempts: number
  readonly rewrite: Rewrite | null
  /** Callers may open WebSockets. */
  readonly upgrades: boolean
  readonly series: RouteSeries
  /** Takes OPTIONS for this Route, which does not itself; null when it does, or when no plugin would answer. */
  readonly preflight: Route | null
  /** Runs prechecks only and never invokes: it stands in for OPTIONS on a Route that does not take it. */
  readonly forPreflight: boolean
}

/** A Route ready to serve: every decision that load time allows is taken. */
export class Route implements RouteFacts {
  readonly name: string
  readonly organization: string
  readonly functionName: string
  readonly steps: readonly AccessStep[]
  readonly headerFilters: readonly Plugin[]
  readonly logs: readonly Plugin[]
  readonly plugins: readonly Plugin[]
  readonly target: FunctionTarget
  readonly timeoutMs: number
  readonly idempotent: boolean
  readonly maxAttempts: number
  readonly upgrades: boolean
  readonly series: RouteSeries
  readonly preflight: Route | null
  readonly forPreflight: boolean
  /** Makes of a path that of the function; null when it is the same. */
  readonly rewrite: Rewrite | null
  /** Slashes before the wildcard, or Infinity when the pattern has none. */
  readonly #slashesToWildcard: number

  constructor(parts: RouteParts) {
    this.name = parts.name
    this.organization = parts.target.organization
    this.functionName = parts.target.name
    this.steps = parts.steps
    this.plugins = parts.plugins
    this.headerFilters = parts.plugins.filter((plugin) => plugin.headerFilter !== undefined)
    this.logs = parts.plugins.filter((plugin) => plugin.log !== undefined)
    this.target = parts.target
    this.timeoutMs = parts.target.timeoutMs
    this.idempotent = parts.target.idempotent
    this.maxAttempts = parts.maxAttempts
    this.upgrades = parts.upgrades
    this.series = parts.series
    this.preflight = parts.preflight
    this.forPreflight = parts.forPreflight
    this.rewrite = parts.rewrite
    this.#slashesToWildcard = parts.path.endsWith('*')
      ? parts.path.split('/').length - 1
      : Number.POSITIVE_INFINITY
  }

  /** Index in a matched path where the wildcard's part begins; the length of the path when there is none. */
  wildcardAt(path: string): number {
    let slashes = 0
    for (let i = 0; i < path.length; i++) {
      if (path.charCodeAt(i) === 0x2f && ++slashes === this.#slashesToWildcard) return i + 1
    }
    return path.length
  }
}
