import { isRecord } from './canonical.ts'
import { isIdOf } from './desired/identifiers.ts'
import { type DesiredState, type Json, KINDS, type Kind, type LiveEntity, nameOf } from './entities.ts'
import { ownerTag, readOwnership } from './ownership.ts'
import type { Target } from './target.ts'

/** What is in Kong, as far as it concerns us. */
export interface LiveState {
  /** Everything that carries the tag of the owner. */
  readonly owned: readonly LiveEntity[]
  /** Everything of these kinds, of others too: looked at only where something is missing or goes. */
  readonly all: ReadonlyMap<Kind, readonly LiveEntity[]>
}

/** Kinds whose entities go, or keep others from going, with one of the kind. */
const DEPENDANTS: Readonly<Record<Kind, readonly Kind[]>> = {
  ca_certificates: [],
  certificates: ['snis'],
  services: ['routes', 'plugins'],
  upstreams: ['targets'],
  targets: [],
  snis: [],
  routes: ['plugins'],
  plugins: [],
}

/**
 * Reads what carries our tag; and, of the kinds where something of ours is missing or no longer wanted, everything, to
 * see what others have there. A Kong that is as it should be is so asked for nothing that is not ours.
 */
export async function readLive(
  target: Target,
  desired: DesiredState,
  signal: AbortSignal,
): Promise<LiveState> {
  const { owner } = desired
  const owned: LiveEntity[] = []
  const suspicious = new Set<Kind>()
  const wanted = Map.groupBy(desired.entities, ({ kind }) => kind)
  const upstreams = new Set<string>()
  const all = new Map<Kind, readonly LiveEntity[]>()
  for (const kind of KINDS) {
    if (kind === 'targets') {
      const targets = await listTargets(target, upstreams, signal)
      all.set('targets', targets)
      owned.push(...targets.filter(({ tags }) => readOwnership(tags).owner === owner))
      continue
    }
    const found = await target.list(kind, { tag: ownerTag(owner) }, signal)
    owned.push(...found)
    const there = new Set(found.flatMap((entity) => [entity.id, nameOf(entity)]))
    const missing = (wanted.get(kind) ?? []).filter(({ id, name }) => !there.has(id) && !there.has(name))
    const known = new Set((wanted.get(kind) ?? []).flatMap(({ id, name }) => [id, name]))
    if (missing.length > 0) suspicious.add(kind)
    if (found.some((entity) => !known.has(entity.id) && !known.has(nameOf(entity))))
      for (const other of DEPENDANTS[kind]) suspicious.add(other)
    // Its upstream may have lost its tag.
    if (kind === 'upstreams') for (const { id } of [...found, ...missing]) upstreams.add(id)
  }
  suspicious.delete('targets')
  for (const kind of suspicious) all.set(kind, await target.list(kind, { tag: null }, signal))
  return { owned: withoutTags(owned, all, desired), all }
}

/** Entities that have ids of ours are ours, even when somebody took their tags away. */
function withoutTags(
  owned: readonly LiveEntity[],
  all: LiveState['all'],
  { owner }: DesiredState,
): readonly LiveEntity[] {
  const known = new Set(owned.map(({ id }) => id))
  const isOurs = ({ kind, id }: LiveEntity): boolean => isIdOf(owner, kind, id)
  const found = [...all.values()].flat().filter((entity) => !known.has(entity.id) && isOurs(entity))
  return found.length === 0 ? owned : [...owned, ...found]
}

async function listTargets(
  target: Target,
  upstreams: Iterable<string>,
  signal: AbortSignal,
): Promise<LiveEntity[]> {
  const found: LiveEntity[] = []
  for (const upstream of upstreams)
    found.push(...(await target.list('targets', { tag: null, upstream }, signal)))
  return found
}

/** What others have that would go with an entity, or that keeps it from going. */
export type Dependants = (entity: LiveEntity) => readonly LiveEntity[]

/** One look through all that others have, so that asking of thousands costs no more. */
export function dependantsIn({ owned, all }: LiveState): Dependants {
  const ours = new Set(owned.map(({ id }) => id))
  const others = [...all.values()].flat().filter(({ id }) => !ours.has(id))
  const byReference = Map.groupBy(
    others.flatMap((other) => referencesOf(other).map((id) => ({ id, other }))),
    ({ id }) => id,
  )
  return ({ id, kind }) =>
    (byReference.get(id) ?? [])
      .map(({ other }) => other)
      .filter((other) => DEPENDANTS[kind].includes(other.kind))
}

/** Names for people: `routes mine`. */
export function titleOf(entity: LiveEntity): string {
  return `${entity.kind} ${nameOf(entity)}`
}

function referencesOf({ fields }: LiveEntity): Json[] {
  return Object.values(fields).flatMap((value) => (isRecord(value) && 'id' in value ? [value['id']!] : []))
}
