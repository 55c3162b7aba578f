import { type Comparison, compare } from './compare.ts'
import type { DesiredState, LiveEntity } from './entities.ts'
import { KongError } from './kong-error.ts'
import { Leadership, type Standing, standingOf } from './leadership.ts'
import { type LiveState, readLive } from './live-state.ts'
import { readOwnership, type SyncRecord } from './ownership.ts'
import { createPlan, type DeletionGuard, type Plan } from './plan.ts'
import { readSchemas, type Schemas } from './schemas.ts'
import type { ApplyResult, KongFacts, Step, Target } from './target.ts'

/** Further ahead no clock is. */
const FAR_FUTURE_MS = 366 * 24 * 3600 * 1000

/** One look at a Kong. */
export interface Look {
  readonly facts: KongFacts
  readonly schemas: Schemas
  readonly live: LiveState
  readonly comparison: Comparison
  /** Null when nobody has written yet. */
  readonly record: SyncRecord | null
}

export interface RoundOptions {
  /** Null lets any number be deleted. */
  readonly guard: DeletionGuard | null
  /** Of the configuration; null for one that is newer than all others, as when a person asks for it. */
  readonly generation: number | null
  readonly onWritten: (step: Step) => void
  readonly signal: AbortSignal
}

/** What became of one run. */
export interface Round {
  readonly facts: KongFacts
  readonly plan: Plan
  readonly standing: Standing
  /** Null when there was nothing to write, or another leads. */
  readonly result: ApplyResult | null
  /** The record as it is afterwards. */
  readonly record: SyncRecord | null
}

/** Brings one desired state after the other to one Kong. Keeps the schemas of that Kong, and nothing that may change. */
export class Session {
  readonly target: Target
  readonly #mode: 'admin' | 'dbless'
  readonly #now: () => number
  #schemas: { readonly version: string; readonly schemas: Schemas } | null = null

  constructor(target: Target, mode: 'admin' | 'dbless', now: () => number = Date.now) {
    this.target = target
    this.#mode = mode
    this.#now = now
  }

  /** @throws KongError */
  async look(desired: DesiredState, signal: AbortSignal): Promise<Look> {
    const facts = await this.target.facts(signal)
    if (facts.hasDatabase !== (this.#mode === 'admin')) {
      const what = facts.hasDatabase ? 'has a database' : 'has no database'
      const mode = facts.hasDatabase ? 'admin' : 'dbless'
      throw new KongError('denied', `Kong at ${this.target.address} ${what}: set \`kong.mode: ${mode}\``)
    }
    const schemas = await this.#schemasFor(desired, facts, signal)
    const live = await readLive(this.target, desired, signal)
    const comparison = compare(desired, live, schemas)
    const service = live.owned.find(({ id }) => id === serviceIdOf(desired, comparison))
    return { facts, schemas, live, comparison, record: recordOf(service, this.#now()) }
  }

  /** What would be written. */
  plan(
    desired: DesiredState,
    { schemas, live, comparison, record }: Look,
    guard: DeletionGuard | null,
    generation: number,
  ): Plan {
    return createPlan(comparison, { desired, owned: live.owned, schemas, generation, record, guard })
  }

  /**
   * Looks, and writes what is not as it should be, unless another gateway has a newer configuration.
   *
   * @throws KongError When Kong cannot be read; what cannot be written is told in the result.
   */
  async round(desired: DesiredState, options: RoundOptions): Promise<Round> {
    const { guard, signal, onWritten } = options
    const look = await this.look(desired, signal)
    const generation = options.generation ?? Math.max(this.#now(), (look.record?.generation ?? 0) + 1)
    const mine = { generation, state: desired.digest }
    const plan = this.plan(desired, look, guard, generation)
    const standing = standingOf(mine, look.record)
    const done = { facts: look.facts, plan, standing }
    if (plan.work === null || standing === 'passive') return { ...done, result: null, record: look.record }
    const read = (): Promise<SyncRecord | null> => this.#record(desired, look.comparison, signal)
    const leadership = new Leadership(mine, look.record, read, this.#now)
    const result = await this.target.apply(plan.work, {
      mayWrite: () => leadership.mayWrite(),
      onWritten,
      signal,
    })
    const record = result.stopped === 'unreachable' || result.stopped === 'aborted' ? null : await read()
    return { ...done, standing: standingOf(mine, record), result, record }
  }

  close(): Promise<void> {
    return this.target.close()
  }

  async #record(
    desired: DesiredState,
    comparison: Comparison,
    signal: AbortSignal,
  ): Promise<SyncRecord | null> {
    const live = await this.target.get('services', serviceIdOf(desired, comparison), signal)
    return recordOf(live ?? undefined, this.#now())
  }

  /** The schemas of a Kong change with its version, and when it is given other plugins. */
  async #schemasFor(desired: DesiredState, facts: KongFacts, signal: AbortSignal): Promise<Schemas> {
    const version = `${facts.version} ${[...facts.plugins].sort().join()}`
    const plugins = desired.entities.flatMap(({ kind, fields }) =>
      kind === 'plugins' ? [String(fields['name'])] : [],
    )
    const known = this.#schemas
    const kinds = new Set(desired.entities.map(({ kind }) => kind))
    const isKnown =
      known?.version === version &&
      plugins.every((name) => known.schemas.has(name) || !facts.plugins.has(name)) &&
      [...kinds].every((kind) => known.schemas.knows(kind))
    if (isKnown) return known.schemas
    const schemas = await readSchemas(this.target, desired, [], signal)
    this.#schemas = { version, schemas }
    return schemas
  }
}

/** A record from a far future is nobody's: who believed it would never write again. */
function recordOf(service: LiveEntity | undefined, nowMs: number): SyncRecord | null {
  const record = service === undefined ? null : readOwnership(service.tags).record
  return record !== null && record.generation > nowMs + FAR_FUTURE_MS ? null : record
}

function serviceIdOf({ entities }: DesiredState, { ids }: Comparison): string {
  const { id } = entities.find(({ kind }) => kind === 'services')!
  return ids.get(id) ?? id
}
