import type { DeploymentFacts } from './driver.ts'

/**
 * What a platform can be asked to do with the functions on it. Each method that is there works; what a platform has no
 * way to do is left out. All of them reject with `PlatformRefusal` when the platform says no, and with any other Error
 * when it could not be asked.
 */
export interface Lifecycle {
  /**
   * All functions on the platform that this Backend's credentials may see, bound to a Function or not. Rejects with
   * `ListedInPart` where the platform cannot tell of all.
   */
  list(signal: AbortSignal): Promise<readonly PlatformFunction[]>
  /** The name under which `list` has this Deployment; its own unless the driver says otherwise. */
  listedAs?(deployment: DeploymentFacts): string
  /**
   * Creates the function, or changes the one that is there, and resolves when calls reach the new one. What the order
   * leaves open is the platform's default, also where a function that is there has something else.
   *
   * @param progress Called whenever something has changed on the way.
   * @param signal Aborted when nobody waits any more, which does not take back what the platform has accepted.
   */
  deploy?(order: DeployOrder, progress: TellProgress, signal: AbortSignal): Promise<'created' | 'updated'>
  /** Resolves when the platform has accepted it; rejects when there is no such function. */
  remove?(deployment: DeploymentFacts, signal: AbortSignal): Promise<void>
  /** @param replicas 0 stops it until the next call, where the platform can start it again. */
  scale?(deployment: DeploymentFacts, replicas: number, signal: AbortSignal): Promise<void>
  /** Oldest first; ends when there is no more, unless `follow`. Lines are taken as they are read, one at a time. */
  logs?(deployment: DeploymentFacts, wanted: LogsWanted, signal: AbortSignal): AsyncIterable<LogLine>
}

/** A function as the platform has it. */
export interface PlatformFunction {
  /** Name on the platform, as the `name` of a Deployment that is to reach it. */
  readonly name: string
  /** False when a call cannot be served. A function that a call would start is ready. */
  readonly ready: boolean
  /** How many run; null when that is unknown. */
  readonly replicas: number | null
  /** Calls at once that these take; null when nothing is declared. */
  readonly limit: number | null
  /** What it is made of: an image, a runtime, a folder; null when that is unknown. */
  readonly source: string | null
  readonly labels: Readonly<Record<string, string>>
}

/** What is to run. A driver refuses what its platform cannot keep, and says what it could. */
export interface DeployOrder {
  readonly deployment: DeploymentFacts
  /** Exactly one of image and folder is not null. A container image, as the platform is to pull it. */
  readonly image: string | null
  /**
   * A folder with code, absolute: a copy of our own, of plain files and folders, that is gone when `deploy` has
   * settled. What can be executed there could be where it came from.
   */
  readonly folder: string | null
  /** For platforms that bring the language's runtime themselves, as they name it; null elsewhere. */
  readonly runtime: string | null
  readonly environment: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  /** Bytes of memory that one replica may use; null for the platform's own. */
  readonly memoryBytes: number | null
  /** Thousandths of a core; null for the platform's own. */
  readonly cpuMillis: number | null
  /** GPUs of one replica; 0 for none. */
  readonly gpus: number
  /** Calls at once that one replica takes; null for the platform's own. */
  readonly concurrency: number | null
  readonly minReplicas: number | null
  readonly maxReplicas: number | null
  /** Milliseconds that a call may take; null for the platform's own. */
  readonly timeoutMs: number | null
}

/** Tells how far a deployment is; the same may be told twice. */
export type TellProgress = (step: DeployProgress) => void

export interface DeployProgress {
  readonly ready: number
  /** Replicas wanted; null when that is not known yet. */
  readonly wanted: number | null
  /** One line for a person: what is being waited for, in the platform's words where it has some. */
  readonly detail: string
}

export interface LogsWanted {
  /** Goes on with what the function says from now on, until aborted. */
  readonly follow: boolean
  /** Lines from the end; null for all that the platform keeps. */
  readonly tail: number | null
  /** Milliseconds since 1970; null for no bound. */
  readonly sinceMs: number | null
}

export interface LogLine {
  /** Milliseconds since 1970; null when the platform does not say. */
  readonly timeMs: number | null
  /** Which replica said it; null when the platform does not say. */
  readonly instance: string | null
  /** Without its line end. */
  readonly text: string
}

/** Some of the functions are known, and why the others are not; its message is one sentence for a person. */
export class ListedInPart extends Error {
  readonly functions: readonly PlatformFunction[]

  constructor(functions: readonly PlatformFunction[], message: string) {
    super(message)
    this.name = 'ListedInPart'
    this.functions = functions
  }
}

/** The platform was asked and said no. Its message is one sentence for a person, with the platform's own words. */
export class PlatformRefusal extends Error {
  readonly kind: 'not-found' | 'unsupported' | 'invalid' | 'denied' | 'failed'

  /**
   * @param kind `not-found`: there is no such function. `unsupported`: this platform cannot do that. `invalid`: what
   *   was asked for is wrong. `denied`: our credentials do not allow it. `failed`: the platform tried and failed.
   */
  constructor(kind: PlatformRefusal['kind'], message: string) {
    super(message)
    this.name = 'PlatformRefusal'
    this.kind = kind
  }
}
