import type { TObject } from 'typebox'
import type { Call } from './call.ts'
import type { HeaderList } from './headers.ts'
import type { Lifecycle } from './lifecycle.ts'
import type { PlatformApi } from './platform-api.ts'
import type { Log } from './plugin.ts'
import type { Sink, UpgradeSink } from './sink.ts'
import type { Body, Transport, TransportOptions } from './transport.ts'

/** A driver is one file in `drivers/` that exports one of these as `driver`, and one line in the registry. */
export interface DriverDefinition<Options = unknown> {
  /** Lower-case; the value of `driver:` in the configuration. */
  readonly kind: string
  readonly status: 'stable' | 'beta' | 'experimental'
  /** One sentence for the reference page. */
  readonly description: string
  /** Options of a Backend. Validates, fills defaults and documents; unknown keys are refused. */
  readonly options: TObject
  /** What it can do, with some of its options at least. */
  readonly capabilities: {
    /** Pieces of an answer reach the client as the function writes them. */
    readonly streaming: boolean
    /** A function may be given any path and method. */
    readonly rawHttp: boolean
  }
  /** Data plane: made on every thread, once per Backend and Snapshot. */
  invoker(options: Options, host: InvokerHost): Invoker
  /**
   * Control plane: made once per Backend, on the main thread. Absent, or null for these options, when there is nothing
   * to do there.
   */
  operator?(options: Options, host: OperatorHost): Operator | null
}

/** What an invoker may use of the gateway. */
export interface InvokerHost {
  readonly backend: string
  readonly log: Log
  /** Opens connections for this Backend; closed with the invoker. */
  transport(options?: TransportOptions): Transport
}

export interface Invoker {
  /**
   * Throws a plain Error with a sentence for the operator when a Deployment cannot be served by this driver
   * (a name that the platform would misread, for example). Called at load for each.
   */
  check?(deployment: DeploymentFacts): void
  /** Starts an attempt. Synchronous, never throws, calls `sink.start` before it returns. */
  invoke(invocation: Invocation, sink: Sink): void
  /**
   * Starts an attempt to open a WebSocket, as `invoke` does: at the same origin and path and with the same headers as
   * that would, usually by `Transport.upgrade`. The body is always null. Of the handshake the headers hold only
   * `sec-websocket-protocol`, which goes on as it is. Absent where the platform cannot: Routes that allow upgrades
   * are then refused at load.
   */
  upgrade?(invocation: Invocation, sink: UpgradeSink): void
  /** Takes what the operator announced last: addresses, readiness. Plain data. */
  update?(facts: unknown): void
  /** Lets running attempts finish. */
  close(): Promise<void>
}

/** A Function on a Backend. */
export interface DeploymentFacts {
  readonly organization: string
  readonly functionName: string
  /** Name of the function on the platform; the Function's own name unless configured. */
  readonly name: string
}

/** One attempt to have a Function serve a Call. */
export interface Invocation {
  readonly call: Call
  readonly deployment: DeploymentFacts
  /** 1 for the first. */
  readonly attempt: number
  readonly method: string
  /** Path for the function, after the route's rewrite, with the query; begins with a slash. */
  readonly path: string
  /** Cleaned and edited; a copy of this attempt's own. Holds `host` as the client sent it. */
  readonly headers: HeaderList
  readonly body: Body
  readonly bodyLength: number
  /** Milliseconds until the deadline; never negative. */
  remainingMs(): number
}

/** What an operator may use of the gateway. */
export interface OperatorHost {
  readonly backend: string
  /** The Deployments bound to this Backend. */
  readonly deployments: readonly DeploymentFacts[]
  /** Folder of the configuration file: relative paths in options count from it. */
  readonly configDirectory: string
  readonly log: Log
  /** Sends plain data to `Invoker.update` on every thread, also on threads that start later. */
  announce(facts: unknown): void
}

/** Looks after the platform: processes, readiness. Its failures never stop the data plane. */
export interface Operator {
  /** Resolves when the Backend can serve, or when it is known that it will take longer. */
  open(): Promise<void>
  /** The Deployments of a new configuration, given before its Snapshot serves. */
  update?(deployments: readonly DeploymentFacts[]): Promise<void>
  /**
   * Asks the platform whether it is there. Two failures in a row make the Backend not ready: placement avoids it.
   *
   * @param signal Aborted when nobody waits for the answer any more.
   */
  probe(signal?: AbortSignal): Promise<ProbeResult>
  /**
   * What the platform says of the Deployments. Those that are left out are unknown, and so are all when it rejects.
   *
   * @param signal Aborted when nobody waits for the answer any more.
   */
  inventory?(signal?: AbortSignal): Promise<readonly DeploymentState[]>
  /** Functions listed, deployed, scaled, removed, and their logs; absent where the platform cannot be asked for any. */
  readonly lifecycle?: Lifecycle
  /** The platform's own API, for administrators; absent where there is none to lend. */
  readonly api?: PlatformApi
  close(): Promise<void>
}

/** What a platform says of one Deployment. */
export interface DeploymentState {
  readonly organization: string
  /** Name of the function on the platform. */
  readonly name: string
  /** False when a call cannot be served. A function that a call would start is ready. */
  readonly ready: boolean
  /** How many run; 0 says that a call has to wait for a start. Null when that is unknown. */
  readonly replicas: number | null
  /** Calls at once that these take, as declared on the platform; null when nothing is declared. */
  readonly limit: number | null
}

export interface ProbeResult {
  readonly ready: boolean
  /** One sentence for `dispatch status`. */
  readonly detail: string
}
