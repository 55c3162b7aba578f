import type { HeaderList } from './headers.ts'
import type { CallOutcome } from './outcome.ts'
import type { Principal } from './principal.ts'

/** One request of a client on its way to a Function, as plugins and identity see it. */
export interface Call {
  /** Value of `x-request-id`: the client's if it is well-formed, else ours. */
  readonly id: string
  readonly method: string
  /** Host without port, lower-case. */
  readonly host: string
  /** Normalised path, still percent-encoded, without the query. */
  readonly path: string
  /** Query with its `?`, as sent; empty when there is none. */
  readonly query: string
  /** True when the client came over TLS, here or at a trusted proxy. */
  readonly secure: boolean
  /** Address of the client: the socket's, or the one that a trusted proxy reports. */
  readonly clientAddress: string
  /** Names and values in turn, exactly as received. For reading only. */
  readonly rawHeaders: readonly string[]
  /** What the Function will get: cleaned of hop-by-hop, identity and forwarding fields. Plugins may edit it. */
  readonly requestHeaders: HeaderList
  /** Declared length of the body, 0 for none, -1 when it is chunked. */
  readonly bodyLength: number
  /** Who is calling; null before authentication and on routes with `auth: none`. */
  readonly principal: Principal | null
  readonly route: RouteFacts
  /** First value of a request header by lower-case name, as the client sent it, or null. */
  header(name: string): string | null
  /** Refuses the body with 413 once it has more bytes; the smallest limit set wins. */
  limitBody(bytes: number): void
  /** Has the call give something back exactly once, when it is over, however it ends. At once when it is over already. */
  keep(holding: Holding): void
}

/** What a call keeps to its end. */
export interface Holding {
  /** For the call alone. */
  next: Holding | null
  /** Never throws. */
  giveBack(): void
}

/** What plugins may know of the Route. */
export interface RouteFacts {
  /** `METHOD host/path` as configured; unique in a Snapshot; the label of metrics and logs. */
  readonly name: string
  readonly organization: string
  /** Name of the Function in its organization. */
  readonly functionName: string
}

/** A call that is over, as `log` phases see it. */
export interface CallSummary {
  readonly outcome: CallOutcome
  /** Status that the client got; 499 when it left first. */
  readonly status: number
  readonly attempts: number
  /** Backend of the last attempt, or null. */
  readonly backend: string | null
  readonly durationMs: number
}
