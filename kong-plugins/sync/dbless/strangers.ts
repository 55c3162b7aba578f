import { isList, isRecord } from '../canonical.ts'
import { type Json, KINDS, type LiveEntity } from '../entities.ts'
import { titleOf } from '../live-state.ts'
import { readOwnership } from '../ownership.ts'
import type { Target } from '../target.ts'

/** Collections that are none of our kinds; what hangs on one of their entities goes with it. Not every Kong has all. */
export const OTHER_COLLECTIONS = ['consumers', 'vaults', 'key-sets', 'keys', 'filter-chains'] as const

/** How many are named. */
const NAMED = 3

/**
 * Titles of what is in a Kong and not of this owner, which a new configuration would wipe out.
 *
 * @param listOther The first page of a collection that is none of our kinds; null when this Kong does not have it.
 */
export async function strangers(
  target: Target,
  owner: string,
  listOther: (collection: string) => Promise<Json>,
  signal: AbortSignal,
): Promise<string[]> {
  const found: string[] = []
  const isStranger = ({ tags }: LiveEntity): boolean => readOwnership(tags).owner !== owner
  for (const kind of KINDS) {
    if (kind === 'targets') continue
    const entities = await target.list(kind, { tag: null }, signal)
    found.push(...entities.filter(isStranger).map(titleOf))
    if (kind !== 'upstreams') continue
    for (const { id } of entities) {
      const targets = await target.list('targets', { tag: null, upstream: id }, signal)
      found.push(...targets.filter(isStranger).map(titleOf))
    }
  }
  for (const collection of OTHER_COLLECTIONS) {
    const page = await listOther(collection)
    const data = isRecord(page) ? page['data'] : null
    if (isList(data)) found.push(...data.filter(isRecord).map((one) => `${collection} ${labelOf(one)}`))
  }
  return found
}

/** The first few, and how many more there are. */
export function someOf(titles: readonly string[]): string {
  const more = titles.length - NAMED
  return titles.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function labelOf(entity: { readonly [field: string]: Json }): string {
  const label = entity['username'] ?? entity['name'] ?? entity['prefix'] ?? entity['id']
  return typeof label === 'string' ? label : 'without a name'
}
