import type { SharedMap } from '../capacity/shared-memory.ts'
import type { Config } from '../config/schema.ts'
import type { JwksState } from '../identity/key-feed.ts'
import type { TlsMaterial } from '../lanes/lane.ts'

/** Everything that goes between the main thread and a data-plane thread. Plain data. */

/** What a thread is started with. */
export interface ThreadStart {
  readonly thread: number
  /** Slots in shared memory: the data-plane threads and the main thread. */
  readonly threads: number
  /** Milliseconds since 1970 when the gateway started. */
  readonly epoch: number
  readonly first: Serve
  readonly keys: readonly JwksState[]
  readonly announced: readonly Announcement[]
  readonly listen: Listen
  /** Log lines for a terminal instead of JSON. */
  readonly pretty: boolean
}

/** Where the thread listens. Port 0 lets the system choose; the answer comes with `listening`. */
export interface Listen {
  readonly http: ListenAddress | null
  readonly https: ListenAddress | null
  /** Several threads share the port. */
  readonly reusePort: boolean
}

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** A configuration to serve from now on. */
export interface Serve {
  readonly kind: 'serve'
  readonly generation: number
  readonly config: Config
  readonly shared: SharedMap
  readonly tls: TlsMaterial | null
}

export interface Announcement {
  readonly backend: string
  readonly facts: unknown
}

export type ToThread =
  | Serve
  | { readonly kind: 'keys'; readonly state: JwksState }
  | { readonly kind: 'keys-answer'; readonly id: number; readonly state: JwksState | null }
  | { readonly kind: 'announce'; readonly announcement: Announcement }
  /** Answers say that they are the last of their connection. */
  | { readonly kind: 'discourage' }
  /** Stop accepting, finish what runs, then exit. */
  | { readonly kind: 'drain'; readonly graceMs: number }

export type FromThread =
  | { readonly kind: 'listening'; readonly httpPort: number | null; readonly httpsPort: number | null }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'serving'; readonly generation: number }
  | { readonly kind: 'refused'; readonly generation: number; readonly message: string }
  /** No call uses this configuration any more. */
  | { readonly kind: 'retired'; readonly generation: number }
  | {
      readonly kind: 'keys-wanted'
      readonly id: number
      readonly issuer: string
      readonly keyId: string | null
    }
  /** @see {@link ToThread} drain. `cut` counts calls that did not finish in time. */
  | { readonly kind: 'drained'; readonly cut: number }
