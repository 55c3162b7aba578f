import { canonical } from './canonical.ts'
import type { DesiredEntity, Fields, LiveEntity } from './entities.ts'
import type { Dependants } from './live-state.ts'

/** Which route in Kong becomes which. */
export type RouteChanges = Map<DesiredEntity, LiveEntity>

/**
 * Routes that others of the same path stand beside, and whose hosts or methods changed.
 *
 * @param missing Wanted, and not there by id or name.
 * @param left There, and not wanted by id or name.
 */
export function sameButFor(missing: readonly DesiredEntity[], left: readonly LiveEntity[]): RouteChanges {
  const found = pairs(missing, left, ['paths', 'hosts'])
  const used = new Set(found.values())
  const others = pairs(
    missing.filter((entity) => !found.has(entity)),
    left.filter((entity) => !used.has(entity)),
    ['paths', 'methods'],
  )
  return new Map([...found, ...others])
}

/**
 * Routes whose path changed. One that others hung something on does not become another: what they want of the one path,
 * they may not want of the other.
 */
export function sameElsewhere(
  missing: readonly DesiredEntity[],
  left: readonly LiveEntity[],
  dependants: Dependants,
): RouteChanges {
  const free = left.filter((entity) => dependants(entity).length === 0)
  return pairs(missing, free, ['hosts', 'methods'])
}

/** Each with the first that has the same in these fields, in the order of their ids: the same for every gateway. */
function pairs(
  missing: readonly DesiredEntity[],
  left: readonly LiveEntity[],
  fields: readonly string[],
): RouteChanges {
  const free = Map.groupBy(
    left.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    (entity) => keyOf(entity.fields, fields),
  )
  const found: RouteChanges = new Map()
  for (const entity of missing) {
    const next = free.get(keyOf(entity.fields, fields))?.shift()
    if (next !== undefined) found.set(entity, next)
  }
  return found
}

/** Kong may give lists in another order. */
function keyOf(fields: Fields, names: readonly string[]): string {
  return names
    .map((name) => fields[name] ?? null)
    .map((value) => (Array.isArray(value) ? value.map(String).sort().join(' ') : canonical(value)))
    .join('\n')
}
