import { isRecord } from './canonical.ts'
import {
  type DesiredEntity,
  type DesiredState,
  type Fields,
  type Json,
  KEY_FIELD,
  KINDS,
  type Kind,
  type LiveEntity,
  REFERENCES,
} from './entities.ts'
import type { Dependants, LiveState } from './live-state.ts'
import { sameButFor, sameElsewhere } from './route-changes.ts'

/** Which of the entities in Kong each wanted one is. */
export interface Matches {
  readonly matches: Map<DesiredEntity, LiveEntity>
  /** Routes among them that become others at another path. */
  readonly moved: number
}

/**
 * By id; then by the place that it has, as what was taken over, or became another; then routes of which something
 * changed that they are named after. A route that keeps its id is one write instead of two, and is never missing.
 *
 * @param dependants What others hung on routes; null when none may go to another path.
 */
export function matchAll(desired: DesiredState, live: LiveState, dependants: Dependants | null): Matches {
  const byId = new Map(live.owned.map((entity) => [entity.id, entity]))
  const matches = new Map<DesiredEntity, LiveEntity>()
  const ids = new Map<string, string>()
  const used = new Set<string>()
  const match = (entity: DesiredEntity, found: LiveEntity): void => {
    matches.set(entity, found)
    used.add(found.id)
    if (found.id !== entity.id) ids.set(entity.id, found.id)
  }
  for (const entity of desired.entities) {
    const found = byId.get(entity.id)
    if (found?.kind === entity.kind) match(entity, found)
  }
  const byPlace = new Map(
    live.owned
      .filter(({ id }) => !used.has(id))
      .flatMap((entity) => placesOf(entity.kind, entity.fields).map((place) => [place, entity] as const)),
  )
  const wanted = Map.groupBy(desired.entities, ({ kind }) => kind)
  let moved = 0
  // What is referred to comes first, so that ids are known when they are asked for.
  for (const kind of KINDS) {
    const missing = (wanted.get(kind) ?? []).filter((entity) => !matches.has(entity))
    for (const entity of missing) {
      const there = placesOf(kind, withIds(entity, ids)).flatMap((place) => byPlace.get(place) ?? [])
      const found = there.find(({ id }) => !used.has(id))
      if (found !== undefined) match(entity, found)
    }
    if (kind !== 'routes') continue
    const taken = new Set((live.all.get(kind) ?? []).map(({ fields }) => fields['name']))
    const absent = (): DesiredEntity[] =>
      missing.filter((entity) => !matches.has(entity) && !taken.has(entity.name))
    const left = (): LiveEntity[] => live.owned.filter((one) => one.kind === 'routes' && !used.has(one.id))
    for (const [entity, found] of sameButFor(absent(), left())) match(entity, found)
    if (dependants === null) continue
    const elsewhere = sameElsewhere(absent(), left(), dependants)
    for (const [entity, found] of elsewhere) match(entity, found)
    moved = elsewhere.size
  }
  return { matches, moved }
}

/** What no two entities may share (Kong's unique fields). */
export function placesOf(kind: Kind, fields: Fields): string[] {
  const places: string[] = []
  const key = KEY_FIELD[kind]
  const name = key === null ? null : (fields[key] ?? null)
  if (name !== null)
    places.push(JSON.stringify([kind, name, kind === 'targets' ? idIn(fields['upstream']) : '']))
  if (kind === 'plugins') {
    const scope = ['service', 'route', 'consumer'].map((field) => idIn(fields[field]))
    places.push(JSON.stringify(['scope', fields['name'], ...scope]))
  }
  return places
}

function idIn(reference: Json | undefined): Json {
  return isRecord(reference) ? (reference['id'] ?? null) : null
}

/** The fields with the ids that what they refer to has in Kong. */
export function withIds({ kind, fields }: DesiredEntity, ids: ReadonlyMap<string, string>): Fields {
  const references = Object.keys(REFERENCES[kind]).filter((name) => fields[name] != null)
  if (references.length === 0) return fields
  const actual = (id: Json): Json => (typeof id === 'string' ? (ids.get(id) ?? id) : id)
  const replaced = references.map((name) => {
    const value = fields[name]!
    return [
      name,
      isRecord(value) ? { id: actual(value['id']!) } : (value as readonly Json[]).map(actual),
    ] as const
  })
  return { ...fields, ...Object.fromEntries(replaced) }
}
