import type { Fields, Kind, LiveEntity } from './entities.ts'
import type { EntitySchema } from './schema.ts'

/** What Kong says of itself. */
export interface KongFacts {
  readonly version: string
  /** False for a Kong without a database, which takes its configuration as a whole. */
  readonly hasDatabase: boolean
  /** Names of the plugins that it can run. */
  readonly plugins: ReadonlySet<string>
}

export interface ListQuery {
  /** Only entities with this tag; null for all. */
  readonly tag: string | null
  /** Id or name of the upstream, for targets, which are listed by upstream only. */
  readonly upstream?: string
}

/** One write. */
export type Step =
  | {
      readonly action: 'create' | 'update'
      readonly kind: Kind
      readonly id: string
      readonly name: string
      /** All fields with id and tags: nothing that Kong has besides is kept. */
      readonly body: Fields
    }
  | {
      readonly action: 'delete'
      readonly kind: Kind
      readonly id: string
      readonly name: string
      /** References of the entity, which some kinds are found by. */
      readonly fields: Fields
    }
  /** New tags for an entity that is right otherwise. */
  | {
      readonly action: 'tag'
      readonly kind: Kind
      readonly id: string
      readonly name: string
      readonly tags: readonly string[]
    }

/** What is to be done. */
export interface Work {
  /** In the order in which they depend on each other. Never empty. */
  readonly steps: readonly Step[]
  /** Everything as it should be afterwards, in the order of `KINDS`: for a Kong that takes a whole only. */
  readonly whole: readonly { readonly kind: Kind; readonly body: Fields }[]
}

/** Who applies is told about it, and may be stopped. */
export interface ApplyWatch {
  /** Asked before each write: false when another gateway leads now, and nothing more may be written. */
  mayWrite(): Promise<boolean>
  /** A write was done. */
  onWritten(step: Step): void
  readonly signal: AbortSignal
}

export interface StepFailure {
  readonly step: Step
  /** One sentence, without secrets. */
  readonly reason: string
  /** The same may succeed later. */
  readonly retryable: boolean
  /** Somebody else has this name. */
  readonly conflict: boolean
}

export interface ApplyResult {
  /** Requests that changed something. */
  readonly writes: number
  /** Steps that failed, and those that could not be done because of them; all others were done. */
  readonly failures: readonly StepFailure[]
  /** Why the rest was not tried; null when everything was. */
  readonly stopped: 'passive' | 'aborted' | 'unreachable' | null
}

/**
 * A Kong whose entities can be read and written: by its Admin API, or as a whole when it has no database.
 * Every method throws `KongError`, and nothing else that is not a mistake of ours.
 */
export interface Target {
  /** For people and logs; holds no secret. */
  readonly address: string
  facts(signal: AbortSignal): Promise<KongFacts>
  /** Fields of a kind with their defaults; null when this Kong does not know it. */
  schema(kind: Kind, signal: AbortSignal): Promise<EntitySchema | null>
  pluginSchema(plugin: string, signal: AbortSignal): Promise<EntitySchema | null>
  /** All entities of a kind. */
  list(kind: Kind, query: ListQuery, signal: AbortSignal): Promise<LiveEntity[]>
  /** One entity by its id or the value of its key field; not for targets. */
  get(kind: Kind, key: string, signal: AbortSignal): Promise<LiveEntity | null>
  /** Whether Kong sends calls to each target of an upstream, in its word (`HEALTHY`, ...), by host and port. */
  health(upstream: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>>
  /** Does what it can of the work. What fails is told in the result, and does not stop what does not depend on it. */
  apply(work: Work, watch: ApplyWatch): Promise<ApplyResult>
  close(): Promise<void>
}
