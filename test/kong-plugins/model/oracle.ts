import type { DesiredState, Json } from '../../../kong-plugins/sync/entities.ts'
import type { KongUnderTest } from '../kong-under-test.ts'

/** Lists whose order does not matter. */
const SETS = new Set(['protocols', 'methods', 'snis', 'tags'])
const KINDS = ['ca_certificates', 'certificates', 'services', 'upstreams', 'snis', 'routes', 'plugins']

/**
 * What is wrong with what is in Kong, seen without anything of the reconciler: each entity that is wanted is there once,
 * by its id, or by its name when it is a route that was another before, or hangs on one; with every field that was asked
 * for; and nothing else has our tag.
 */
export async function wrongIn(kong: KongUnderTest, desired: DesiredState): Promise<string[]> {
  const live = new Map<string, Record<string, unknown> & { readonly id: string }>()
  for (const kind of KINDS) for (const entity of await kong.all(kind)) live.set(entity.id, entity)
  for (const { id, kind } of desired.entities)
    if (kind === 'upstreams' && live.has(id))
      for (const target of await kong.all(`upstreams/${id}/targets`)) live.set(target.id, target)
  const wanted = new Set(desired.entities.map(({ id }) => id))
  const ids = new Map<string, string>()
  const wrong = desired.entities.flatMap(({ kind, id, name, fields }) => {
    const key = kind === 'routes' ? 'name' : 'instance_name'
    const found = live.get(id) ?? [...live.values()].find((one) => one[key] === name && !wanted.has(one.id))
    if (!found) return [`${kind} ${name} is missing`]
    live.delete(found.id)
    ids.set(id, found.id)
    const route = fields['route'] as { readonly id: string } | null | undefined
    const right = route ? { ...fields, route: { id: ids.get(route.id) ?? route.id } } : fields
    return differences(right, found, `${kind} ${name}`)
  })
  return [...wrong, ...[...live.values()].map((entity) => `${JSON.stringify(entity)} should not be there`)]
}

function differences(wanted: Json, found: unknown, path: string): string[] {
  if (wanted === null || typeof wanted !== 'object')
    return wanted === (found ?? null)
      ? []
      : [`${path} is ${JSON.stringify(found)} and not ${JSON.stringify(wanted)}`]
  if (Array.isArray(wanted)) {
    const [a, b] = [wanted, Array.isArray(found) ? found : []]
    const ordered = SETS.has(path.split('.').at(-1)!) ? [[...a].sort(), [...b].sort()] : [a, b]
    return JSON.stringify(ordered[0]) === JSON.stringify(ordered[1])
      ? []
      : [`${path} is ${JSON.stringify(found)} and not ${JSON.stringify(wanted)}`]
  }
  return Object.entries(wanted).flatMap(([field, value]) =>
    differences(value as Json, (found as Record<string, unknown> | null)?.[field], `${path}.${field}`),
  )
}
