import type { Assertions } from '../identity/assertions.ts'
import type { EntryZones } from '../placement/entry-zones.ts'
import type { FunctionTarget } from './function-target.ts'
import type { Route } from './route.ts'
import type { Router } from './router.ts'
import type { TrustedPeers } from './trusted-peers.ts'

/** Bounds of a request, in bytes and milliseconds. */
export interface Limits {
  readonly targetBytes: number
  readonly headBytes: number
  readonly headerCount: number
  /** Number.MAX_SAFE_INTEGER when unlimited. */
  readonly bodyBytes: number
  readonly replayBytes: number
  readonly bodyGapMs: number
  readonly webSocket: WebSocketLimits
}

/** Bounds of WebSockets, in milliseconds. */
export interface WebSocketLimits {
  readonly idleMs: number
  readonly lifetimeMs: number
  /** Null for no pings. */
  readonly pingMs: number | null
}

export interface SnapshotParts {
  readonly generation: number
  readonly router: Router
  readonly noRoute: Route
  readonly functions: ReadonlyMap<string, FunctionTarget>
  readonly limits: Limits
  readonly trustedPeers: TrustedPeers
  /** Judges what trusted peers say of their callers; null when they are not asked. */
  readonly assertions: Assertions | null
  readonly entryZones: EntryZones
  /** Hosts that are ours for requests in absolute form, besides those of Routes. */
  readonly ownHosts: ReadonlySet<string>
  readonly serverTiming: 'always' | 'never' | 'on-request'
  readonly trustRequestId: boolean
  /** Roles whose callers may ask how their call was placed. */
  readonly explainRoles: readonly string[]
  /** Where a balancer asks whether this gateway takes calls; empty for nowhere. */
  readonly readinessPath: string
  /** Called once, when the Snapshot is retired and no call uses it any more. */
  readonly close: () => void
}

/** Everything a request needs, compiled from one configuration, immutable, swapped by one assignment. */
export class Snapshot {
  readonly generation: number
  readonly router: Router
  readonly noRoute: Route
  readonly functions: ReadonlyMap<string, FunctionTarget>
  readonly limits: Limits
  readonly trustedPeers: TrustedPeers
  readonly assertions: Assertions | null
  readonly entryZones: EntryZones
  readonly ownHosts: ReadonlySet<string>
  readonly serverTiming: 'always' | 'never' | 'on-request'
  readonly trustRequestId: boolean
  readonly explainRoles: readonly string[]
  readonly readinessPath: string
  readonly #close: () => void
  #inFlight = 0
  #retired = false

  constructor(parts: SnapshotParts) {
    this.generation = parts.generation
    this.router = parts.router
    this.noRoute = parts.noRoute
    this.functions = parts.functions
    this.limits = parts.limits
    this.trustedPeers = parts.trustedPeers
    this.assertions = parts.assertions
    this.entryZones = parts.entryZones
    this.ownHosts = parts.ownHosts
    this.serverTiming = parts.serverTiming
    this.trustRequestId = parts.trustRequestId
    this.explainRoles = parts.explainRoles
    this.readinessPath = parts.readinessPath
    this.#close = parts.close
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** A call begins on this Snapshot and stays on it to its end. */
  enter(): void {
    this.#inFlight++
  }

  leave(): void {
    this.#inFlight--
    if (this.#retired && this.#inFlight === 0) this.#close()
  }

  /** No new call will enter; what it holds is closed after the last one left. */
  retire(): void {
    this.#retired = true
    if (this.#inFlight === 0) this.#close()
  }
}
