import { isList, isRecord } from './canonical.ts'
import {
  type DesiredEntity,
  type DesiredState,
  type Fields,
  type Kind,
  type LiveEntity,
  REFERENCES,
} from './entities.ts'
import { KongError } from './kong-error.ts'
import { writable } from './normalise.ts'
import { readOwnership, tagsOf } from './ownership.ts'
import type { Look, Session } from './session.ts'
import type { ApplyResult, Step } from './target.ts'

/** An entity of somebody else, and what it is to become. */
export interface TakeOver {
  readonly kind: Kind
  /** Id or name of what is there. */
  readonly key: string
  /** Name of what should be there; null for the same name. */
  readonly as: string | null
}

/**
 * Makes an entity that others made one of ours: it keeps its id, so what hangs on it stays, and gets the content and tags
 * of ours. One that we have written beside it is deleted first.
 *
 * @throws KongError With a sentence for the operator when it cannot be.
 */
export async function takeOver(
  session: Session,
  desired: DesiredState,
  { kind, key, as }: TakeOver,
  signal: AbortSignal,
): Promise<ApplyResult> {
  const holder = await find(session, desired, kind, key, signal)
  if (holder === null) throw new KongError('missing', `Kong has no ${kind} ${key}`)
  const { owner } = readOwnership(holder.tags)
  if (owner === desired.owner) throw new KongError('conflict', `${kind} ${key} is ours already`)
  if (owner !== null)
    throw new KongError('conflict', `${kind} ${key} belongs to ${owner}, another configuration`)
  const name = as ?? nameIn(holder, kind)
  const entity = desired.entities.find((one) => one.kind === kind && one.name === name)
  if (entity === undefined) {
    const hint = as === null ? '; name with --as what it is to be' : ''
    throw new KongError('missing', `there should be no ${kind} ${name}${hint}`)
  }
  const look = await session.look(desired, signal)
  const missing = missingFor(entity, desired, look)
  if (missing !== null)
    throw new KongError('reference', `Kong does not have ${missing} yet: run \`dispatch kong sync\` before`)
  return session.target.apply(
    { steps: stepsFor(holder, entity, desired, look), whole: [] },
    { mayWrite: async () => true, onWritten: () => {}, signal },
  )
}

async function find(
  session: Session,
  desired: DesiredState,
  kind: Kind,
  key: string,
  signal: AbortSignal,
): Promise<LiveEntity | null> {
  if (kind !== 'targets') return session.target.get(kind, key, signal)
  const upstream = desired.entities.find((one) => one.kind === 'upstreams')!
  const targets = await session.target.list('targets', { tag: null, upstream: upstream.name }, signal)
  return targets.find(({ id, fields }) => id === key || fields['target'] === key) ?? null
}

function nameIn({ id, fields }: LiveEntity, kind: Kind): string {
  const field = kind === 'plugins' ? 'instance_name' : kind === 'targets' ? 'target' : 'name'
  const name = fields[field]
  return typeof name === 'string' ? name : id
}

/** What the entity refers to and is not in Kong, for people; null when all is there. */
function missingFor({ kind, fields }: DesiredEntity, { entities }: DesiredState, look: Look): string | null {
  const there = new Set(look.live.owned.map(({ id }) => id))
  for (const [name, to] of Object.entries(REFERENCES[kind])) {
    const value = fields[name] ?? null
    const references = isRecord(value) ? [value['id']] : isList(value) ? value : []
    const absent = entities.find(
      ({ id }) => references.includes(id) && !there.has(look.comparison.ids.get(id) ?? id),
    )
    if (absent) return `${to} ${absent.name}`
  }
  return null
}

function stepsFor(holder: LiveEntity, entity: DesiredEntity, desired: DesiredState, look: Look): Step[] {
  const { kind, name } = entity
  const { ids } = look.comparison
  const id = ids.get(entity.id) ?? entity.id
  const own = look.live.owned.find((live) => live.id === id)
  const generation = look.record?.generation ?? 0
  const state = kind === 'services' ? (look.record?.state ?? desired.digest) : null
  const body: Fields = {
    ...writable(entity.fields, look.schemas.of(kind, entity.fields)!),
    id: holder.id,
    tags: tagsOf(desired.owner, entity, generation, state),
  }
  const update: Step = { action: 'update', kind, id: holder.id, name, body }
  return own === undefined ? [update] : [{ action: 'delete', kind, id, name, fields: own.fields }, update]
}
