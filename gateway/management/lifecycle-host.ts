import type {
  DeployOrder,
  LogLine,
  LogsWanted,
  PlatformFunction,
  TellProgress,
} from '../contract/lifecycle.ts'
import type { PlatformApi } from '../contract/platform-api.ts'
import type { Rejection } from '../contract/rejection.ts'

/** What the management API asks of the platforms. Refusals are returned; nothing rejects but what nobody expected. */
export interface LifecycleHost {
  /**
   * The functions of each Backend, in the order of the configuration.
   *
   * @param backend Of this one alone; null for all.
   */
  list(backend: string | null, signal: AbortSignal): Promise<readonly BackendFunctions[] | Rejection>
  deploy(
    change: Change,
    order: DeployRequest,
    progress: TellProgress,
    signal: AbortSignal,
  ): Promise<Done | Rejection>
  remove(change: Change, signal: AbortSignal): Promise<Done | Rejection>
  scale(change: Change, replicas: number, signal: AbortSignal): Promise<Done | Rejection>
  /** The lines, until the platform has no more, the bounds are reached or the signal is aborted. */
  logs(change: Change, wanted: LogsWanted, signal: AbortSignal): AsyncIterable<LogLine | Rejection | Ended>
  /** The native API of a Backend's platform, or why it is not lent. */
  api(backend: string): PlatformApi | Rejection
}

/** Which function, where, and who asks. */
export interface Change {
  readonly organization: string
  readonly functionName: string
  /** Null when there can be but one. */
  readonly backend: string | null
  readonly asker: Asker
}

/** Who asks, for the log: all hold the same token. */
export interface Asker {
  readonly address: string
  readonly requestId: string
}

/** What was done, and where. */
export interface Done {
  readonly backend: string
  /** Name of the function there. */
  readonly name: string
  readonly result: 'created' | 'updated' | 'removed' | 'scaled'
}

/** The bounds of an answer are reached, though there may be more; one sentence. */
export interface Ended {
  readonly ended: string
}

/** An order as it comes in: what it is for is in the address of the request, and code comes along with it. */
export interface DeployRequest extends Omit<DeployOrder, 'deployment' | 'folder'> {
  /** What is in the folder; null where there is an image. */
  readonly files: readonly OrderFile[] | null
  /** Milliseconds until nobody waits any more. */
  readonly waitMs: number
}

/** One file of a folder of code. */
export interface OrderFile {
  /** Relative, with slashes. */
  readonly path: string
  /** In base64. */
  readonly content: string
  readonly executable: boolean
}

export interface BackendFunctions {
  readonly backend: string
  readonly driver: string
  /** Why they cannot be told, or not all of them, one sentence; null when they are. */
  readonly error: string | null
  /** By name. */
  readonly functions: readonly ListedFunction[]
  /** Functions of the configuration that the platform does not list. */
  readonly missing: readonly BoundFunction[]
}

export interface ListedFunction extends PlatformFunction {
  /** Functions of the configuration that it serves; empty when none does. */
  readonly bound: readonly Omit<BoundFunction, 'name'>[]
}

export interface BoundFunction {
  readonly organization: string
  readonly functionName: string
  /** Name there. */
  readonly name: string
}
