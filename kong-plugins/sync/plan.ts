import type { Change, Comparison } from './compare.ts'
import { type DesiredState, type Fields, KINDS, type Kind, type LiveEntity, nameOf } from './entities.ts'
import { writable } from './normalise.ts'
import { readOwnership, type SyncRecord, tagsOf } from './ownership.ts'
import type { Schemas } from './schemas.ts'
import type { Step, Work } from './target.ts'

/** How many entities may be deleted at once without being told to. */
export interface DeletionGuard {
  /** So many always. */
  readonly always: number
  /** So large a share of those that are there, from 0 to 1. */
  readonly share: number
}

/** What a run does, and what it leaves. */
export interface Plan {
  /** All that is not as it should be. */
  readonly changes: readonly Change[]
  /** Null when there is nothing to write. */
  readonly work: Work | null
  /** Deletions that the guard keeps back; 0 when it has nothing to say. */
  readonly withheld: number
  /** Most deletions that would have been let through. */
  readonly mostDeletions: number
  readonly unknown: readonly string[]
}

export interface PlanContext {
  readonly desired: DesiredState
  readonly owned: readonly LiveEntity[]
  readonly schemas: Schemas
  /** Of the configuration that writes. */
  readonly generation: number
  /** What is in Kong; null when nothing is. */
  readonly record: SyncRecord | null
  /** Null when any number may go. */
  readonly guard: DeletionGuard | null
}

/** Turns differences into writes, in the order in which they depend on each other. Pure. */
export function createPlan(comparison: Comparison, context: PlanContext): Plan {
  const { changes, moved, ids, unknown } = comparison
  const { owned, guard } = context
  const deletions = changes.filter((change) => change.action === 'delete')
  const mostDeletions = guard === null ? deletions.length : mostOf(guard, owned)
  // What moves away is gone from where it was, which the guard is for.
  if (moved > 0 && guard !== null && deletions.length + moved > mostDeletions)
    return createPlan(comparison.withoutMoves(), context)
  const withheld = deletions.length > mostDeletions ? deletions.length : 0
  const writes = inOrder(changes.filter(isWrite)).map((change) => writeStep(change, context))
  const kept = withheld > 0 ? deletions.map(({ live }) => live) : []
  const steps = [
    ...withRecord(writes, context, ids),
    ...(withheld > 0 ? [] : deletionSteps(deletions.map(({ live }) => live))),
  ]
  return {
    changes,
    work: steps.length === 0 ? null : new PlannedWork(steps, () => wholeOf(kept, ids, changes, context)),
    withheld,
    mostDeletions,
    unknown,
  }
}

/** The whole is made only for a Kong that takes nothing less. */
class PlannedWork implements Work {
  readonly steps: readonly Step[]
  readonly #makeWhole: () => Work['whole']

  constructor(steps: readonly Step[], makeWhole: () => Work['whole']) {
    this.steps = steps
    this.#makeWhole = makeWhole
  }

  get whole(): Work['whole'] {
    return this.#makeWhole()
  }
}

type Write = Extract<Change, { readonly action: 'create' | 'change' | 'repair' }>

function isWrite(change: Change): change is Write {
  return change.action === 'create' || change.action === 'change' || change.action === 'repair'
}

/** Of a kind, what is there comes before what is new: that may take a name which the other gives up. */
function inOrder(writes: readonly Write[]): Write[] {
  const rank = ({ entity, action }: Write): number =>
    KINDS.indexOf(entity.kind) * 2 + (action === 'create' ? 1 : 0)
  return writes.toSorted((a, b) => rank(a) - rank(b))
}

function mostOf({ always, share }: DeletionGuard, owned: readonly LiveEntity[]): number {
  return Math.max(always, Math.floor(owned.length * share))
}

function writeStep(change: Write, context: PlanContext): Step {
  const { entity, fields } = change
  const id = change.action === 'create' ? entity.id : change.live.id
  const action = change.action === 'create' ? 'create' : 'update'
  return { action, kind: entity.kind, id, name: entity.name, body: bodyOf(id, entity, fields, context) }
}

function bodyOf(
  id: string,
  entity: DesiredState['entities'][number],
  fields: Fields,
  { desired, schemas, generation }: PlanContext,
): Fields {
  const state = entity.kind === 'services' ? desired.digest : null
  return {
    ...writable(fields, schemas.of(entity.kind, entity.fields)!),
    id,
    tags: tagsOf(desired.owner, entity, generation, state),
  }
}

/**
 * The record comes first, so that whoever has an older configuration stops: with the service where that is written, else
 * in tags of its own. It can only be written first when the service is there, and does not wait for what is new.
 */
function withRecord(writes: readonly Step[], context: PlanContext, ids: ReadonlyMap<string, string>): Step[] {
  const { desired, owned, record, generation } = context
  const service = desired.entities.find(({ kind }) => kind === 'services')!
  const id = ids.get(service.id) ?? service.id
  const own = writes.find((step) => step.kind === 'services')
  if (own?.action === 'create' || record?.state === desired.digest) return [...writes]
  const needsNew = writes.some(
    (step) => step.action === 'create' && (step.kind === 'certificates' || step.kind === 'ca_certificates'),
  )
  if (own !== undefined && !needsNew) return [own, ...writes.filter((step) => step !== own)]
  if (!owned.some((live) => live.id === id)) return [...writes]
  const tags = tagsOf(
    desired.owner,
    { digest: digestNow(owned, id, service.digest) },
    generation,
    desired.digest,
  )
  return [{ action: 'tag', kind: 'services', id, name: service.name, tags }, ...writes]
}

/** What the service is until it is written. */
function digestNow(owned: readonly LiveEntity[], id: string, wanted: string): string {
  return readOwnership(owned.find((live) => live.id === id)?.tags ?? []).digest ?? wanted
}

/** What refers to others goes before them. */
export function deletionSteps(deletions: readonly LiveEntity[]): Step[] {
  const rank = (kind: Kind): number => KINDS.indexOf(kind)
  return [...deletions]
    .sort((a, b) => rank(b.kind) - rank(a.kind))
    .map((live) => ({
      action: 'delete',
      kind: live.kind,
      id: live.id,
      name: nameOf(live),
      fields: live.fields,
    }))
}

/** Everything that can be, as it should be; and what would go, as it is, when it may not. */
function wholeOf(
  kept: readonly LiveEntity[],
  ids: ReadonlyMap<string, string>,
  changes: readonly Change[],
  context: PlanContext,
): Work['whole'] {
  const impossible = new Set(
    changes.flatMap((change) => (change.action === 'impossible' ? [change.entity.id] : [])),
  )
  const wanted = context.desired.entities
    .filter(({ id }) => !impossible.has(id))
    .map((entity) => ({
      kind: entity.kind,
      body: bodyOf(ids.get(entity.id) ?? entity.id, entity, entity.fields, context),
    }))
  const rank = ({ kind }: { readonly kind: Kind }): number => KINDS.indexOf(kind)
  return [...wanted, ...kept.map((live) => asItIs(live, context))].sort((a, b) => rank(a) - rank(b))
}

/** Without times, and without what Kong adds when it shows it. */
function asItIs({ kind, id, tags, fields }: LiveEntity, { schemas }: PlanContext): Work['whole'][number] {
  const schema = schemas.of(kind, fields)
  const { created_at: _, updated_at: __, ...rest } = schema === null ? fields : writable(fields, schema)
  return { kind, body: { ...rest, id, tags } }
}
