import { type Difference, differencesOf } from './differences.ts'
import type { DesiredEntity, DesiredState, Fields, LiveEntity } from './entities.ts'
import { dependantsIn, type LiveState, titleOf } from './live-state.ts'
import { matchAll, placesOf, withIds } from './matching.ts'
import { normalise } from './normalise.ts'
import { areTagsRight, readOwnership } from './ownership.ts'
import type { Schemas } from './schemas.ts'

/** What is to be done about one entity, and why. */
export type Change =
  /** It is not there. */
  | { readonly action: 'create'; readonly entity: DesiredEntity; readonly fields: Fields }
  /** `change`: it is as it was last written, and something else is wanted now. `repair`: somebody else changed it. */
  | {
      readonly action: 'change' | 'repair'
      readonly entity: DesiredEntity
      readonly live: LiveEntity
      readonly fields: Fields
      readonly differences: readonly Difference[]
    }
  /** It is ours and no longer wanted. */
  | { readonly action: 'delete'; readonly live: LiveEntity }
  /** Somebody else has what should be ours; it stays. */
  | { readonly action: 'conflict'; readonly entity: DesiredEntity; readonly holder: LiveEntity }
  /** It should go, and would take something of somebody else with it. */
  | { readonly action: 'held'; readonly live: LiveEntity; readonly by: readonly string[] }
  /** This Kong cannot have it. */
  | { readonly action: 'impossible'; readonly entity: DesiredEntity; readonly reason: string }

export interface Comparison {
  readonly changes: readonly Change[]
  /** Routes that become others, and so are no longer reached where they were: as good as deleted. */
  readonly moved: number
  /** The same with those deleted, and the others created. */
  readonly withoutMoves: () => Comparison
  /** What each entity that is wanted has for an id in Kong: another than its own when it was taken over. */
  readonly ids: ReadonlyMap<string, string>
  /** Fields that this Kong does not know, by the title of the entity. */
  readonly unknown: readonly string[]
}

/**
 * Compares three ways: what is wanted, what was last applied (by the tags), and what is there. Pure.
 *
 * @param mayMove Whether a route that is no longer wanted may become one that is missing.
 */
export function compare(
  desired: DesiredState,
  live: LiveState,
  schemas: Schemas,
  mayMove = true,
): Comparison {
  const dependants = dependantsIn(live)
  const { matches, moved } = matchAll(desired, live, mayMove ? dependants : null)
  const ids = new Map(
    desired.entities.map((entity) => [entity.id, matches.get(entity)?.id ?? entity.id] as const),
  )
  const foreign = foreignByPlace(live, new Set([...matches.values()].map(({ id }) => id)))
  const changes: Change[] = []
  const unknown = new Set<string>()
  for (const entity of desired.entities) {
    const fields = withIds(entity, ids)
    const schema = schemas.of(entity.kind, entity.fields)
    if (schema === null) {
      const reason = `this Kong does not have the plugin ${String(entity.fields['name'])}`
      changes.push({ action: 'impossible', entity, reason })
      continue
    }
    const match = matches.get(entity)
    if (match === undefined) {
      const holder = placesOf(entity.kind, fields).flatMap((place) => foreign.get(place) ?? [])[0]
      if (holder !== undefined) changes.push({ action: 'conflict', entity, holder })
      else changes.push({ action: 'create', entity, fields })
      continue
    }
    const wanted = normalise(fields, schema)
    for (const field of wanted.unknown) unknown.add(`${entity.kind}.${field}`)
    const differences = differencesOf(wanted.fields, normalise(match.fields, schema).fields)
    const tagsAreRight = areTagsRight(match.tags, desired.owner, entity.digest)
    if (differences.length === 0 && tagsAreRight) continue
    const applied = readOwnership(match.tags).digest
    // Without a digest somebody took the tags away, and so may have changed the rest.
    const isAsApplied = applied === null || applied === entity.digest
    const action = isAsApplied || differences.length === 0 ? 'repair' : 'change'
    changes.push({
      action,
      entity,
      live: match,
      fields,
      differences: tagsAreRight || differences.length > 0 ? differences : [tagDifference(match)],
    })
  }
  const kept = new Set(ids.values())
  for (const entity of live.owned) {
    if (kept.has(entity.id)) continue
    const by = dependants(entity).map(titleOf)
    changes.push(by.length === 0 ? { action: 'delete', live: entity } : { action: 'held', live: entity, by })
  }
  const withoutMoves = (): Comparison => compare(desired, live, schemas, false)
  return { changes, moved, withoutMoves, ids, unknown: [...unknown] }
}

function foreignByPlace({ all }: LiveState, ours: ReadonlySet<string>): Map<string, LiveEntity[]> {
  const others = [...all.values()].flat().filter(({ id }) => !ours.has(id))
  const places = others.flatMap((entity) =>
    placesOf(entity.kind, entity.fields).map((place) => ({ place, entity })),
  )
  const grouped = Map.groupBy(places, ({ place }) => place)
  return new Map([...grouped].map(([place, found]) => [place, found.map(({ entity }) => entity)]))
}

function tagDifference({ tags }: LiveEntity): Difference {
  return { path: 'tags', is: tags, shouldBe: 'those of the owner' }
}
