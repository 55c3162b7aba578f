import { type AdminConfig, AdminConnection } from '../admin/admin-connection.ts'
import { AdminTarget } from '../admin/admin-target.ts'
import { canonical } from '../canonical.ts'
import { declarativeConfig } from '../declarative.ts'
import type { Json, Kind, LiveEntity } from '../entities.ts'
import { KongError } from '../kong-error.ts'
import { PATIENCE, type Patience, withRetries } from '../retry.ts'
import type { EntitySchema } from '../schema.ts'
import type {
  ApplyResult,
  ApplyWatch,
  KongFacts,
  ListQuery,
  Step,
  StepFailure,
  Target,
  Work,
} from '../target.ts'
import { type RefusedEntity, refusedEntities } from './refused-entities.ts'
import { someOf, strangers } from './strangers.ts'

const NOT_MODIFIED = 304
const BAD_REQUEST = 400
const NOT_FOUND = 404
const TOO_LARGE = 413

/**
 * A Kong without a database: it is read like any other, and takes its configuration as a whole. All of a plan is done or
 * nothing; after a refusal the old configuration stays.
 */
export class DblessTarget implements Target {
  readonly address: string
  readonly #owner: string
  readonly #reads: AdminTarget
  readonly #connection: AdminConnection
  readonly #patience: Patience

  /** @param owner Whose entities this Kong may hold; with any other it is not touched. */
  constructor(config: AdminConfig, owner: string, patience: Patience = PATIENCE) {
    this.#owner = owner
    this.#reads = new AdminTarget(config, patience)
    this.#connection = new AdminConnection(config)
    this.#patience = patience
    this.address = this.#reads.address
  }

  facts(signal: AbortSignal): Promise<KongFacts> {
    return this.#reads.facts(signal)
  }

  schema(kind: Kind, signal: AbortSignal): Promise<EntitySchema | null> {
    return this.#reads.schema(kind, signal)
  }

  pluginSchema(plugin: string, signal: AbortSignal): Promise<EntitySchema | null> {
    return this.#reads.pluginSchema(plugin, signal)
  }

  /** Kong without a database answers 500 to a filter by tags when one entity has none, so the filter is here. */
  async list(kind: Kind, { tag, ...query }: ListQuery, signal: AbortSignal): Promise<LiveEntity[]> {
    const all = await this.#reads.list(kind, { tag: null, ...query }, signal)
    return tag === null ? all : all.filter(({ tags }) => tags.includes(tag))
  }

  get(kind: Kind, key: string, signal: AbortSignal): Promise<LiveEntity | null> {
    return this.#reads.get(kind, key, signal)
  }

  health(upstream: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    return this.#reads.health(upstream, signal)
  }

  async apply({ steps, whole }: Work, watch: ApplyWatch): Promise<ApplyResult> {
    try {
      const others = await strangers(this, this.#owner, (name) => this.#listOther(name, watch), watch.signal)
      if (others.length > 0) {
        const reason = `Kong holds what is not of ${this.#owner} and would be lost: ${someOf(others)}`
        return failed(steps, () => ({ reason, retryable: false, conflict: true }))
      }
      if (!(await watch.mayWrite())) return { writes: 0, failures: [], stopped: 'passive' }
      const writes = await this.#post(canonical(declarativeConfig(whole)), watch)
      for (const step of steps) watch.onWritten(step)
      return { writes, failures: [], stopped: null }
    } catch (error) {
      if (!(error instanceof KongError)) throw error
      return resultOf(error, steps)
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#reads.close(), this.#connection.close()])
  }

  /** How many writes it took: none when Kong has just that already. JSON is YAML, and is sent as it is so. */
  async #post(text: string, { signal }: ApplyWatch): Promise<number> {
    const path = '/config?check_hash=1&flatten_errors=1'
    const send = () => this.#connection.sendGlobal({ method: 'POST', path, yaml: text, signal })
    try {
      await withRetries(send, signal, this.#patience)
      return 1
    } catch (error) {
      if (error instanceof KongError && error.status === NOT_MODIFIED) return 0
      if (error instanceof KongError && error.status === TOO_LARGE) {
        const bytes = Buffer.byteLength(text)
        throw new KongError(
          'invalid',
          `Kong does not take a configuration of ${bytes} bytes: ${error.message}`,
        )
      }
      throw error
    }
  }

  /** Null when this Kong has no such collection. */
  async #listOther(collection: string, { signal }: ApplyWatch): Promise<Json> {
    const send = () => this.#connection.send({ method: 'GET', path: `/${collection}`, signal })
    try {
      return (await withRetries(send, signal, this.#patience)).content
    } catch (error) {
      // 400 is the answer of what is switched off: filter chains without WebAssembly.
      if (error instanceof KongError && (error.status === NOT_FOUND || error.status === BAD_REQUEST))
        return null
      throw error
    }
  }
}

type Failure = Omit<StepFailure, 'step'>

function failed(steps: readonly Step[], failureOf: (step: Step) => Failure): ApplyResult {
  return { writes: 0, failures: steps.map((step) => ({ step, ...failureOf(step) })), stopped: null }
}

/** What Kong says is wrong is told of the entity that it is wrong with; of all others, that they wait for it. */
function resultOf(error: KongError, steps: readonly Step[]): ApplyResult {
  if (error.kind === 'aborted') return { writes: 0, failures: [], stopped: 'aborted' }
  if (error.kind === 'unreachable' || error.kind === 'timeout')
    return {
      ...failed(steps, () => ({ reason: error.message, retryable: true, conflict: false })),
      stopped: 'unreachable',
    }
  const refused = refusedEntities(error.content)
  if (refused.length === 0)
    return failed(steps, () => ({ reason: error.message, retryable: error.retryable, conflict: false }))
  const byId = new Map(refused.map((one) => [one.id, one]))
  const because = someOf(refused.map(({ title }) => title))
  return failed(steps, (step) => failureOf(byId.get(step.id), because))
}

function failureOf(refused: RefusedEntity | undefined, because: string): Failure {
  return refused === undefined
    ? { reason: `Kong refuses the whole because of ${because}`, retryable: true, conflict: false }
    : { reason: refused.reason, retryable: false, conflict: false }
}
