import type { Dao } from '../dao.ts'
import { type Fields, unpack } from '../field.ts'
import { Refusal } from '../refusals.ts'
import type { Entity } from '../tables.ts'
import { isRecord, isUuid, type Problems } from '../validate.ts'
import type { Written } from './collect.ts'
import { ORDER } from './order.ts'
import type { Wrong } from './wrong.ts'

/** Puts entities where they are kept, unless something is wrong with one. */
export function store(dao: Dao, written: readonly Written[], wrong: Wrong): void {
  const byKey = new Map<string, string>()
  for (const { kind, given } of written) {
    byKey.set(`${kind.name}/${given['id']}`, given['id'] as string)
    const key = kind.endpointKey === null ? undefined : given[kind.endpointKey]
    if (typeof key === 'string') byKey.set(`${kind.name}/${key}`, given['id'] as string)
  }
  const dangling: [Written, string, string, string][] = []
  const entities: [Written, Entity][] = []
  for (const each of written) {
    const given = { ...each.given }
    const unresolved: Problems = {}
    for (const [name, field] of each.kind.fields.map(unpack)) {
      const value = given[name]
      if (field.type !== 'foreign' || value === undefined || value === null) continue
      const key = isRecord(value) ? String(value['id'] ?? value['name'] ?? value['username']) : String(value)
      const id = byKey.get(`${field.reference}/${key}`)
      if (id !== undefined) given[name] = { id }
      else {
        dangling.push([each, name, key, field.reference!])
        unresolved[name] = { id: 'missing primary key' }
        given[name] = { id: isUuid(key) ? key : '00000000-0000-0000-0000-000000000000' }
      }
    }
    try {
      entities.push([each, dao.prepare(each.kind, given)])
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      wrong.add(each.where, { ...unresolved, ...(error.body['fields'] as Problems) }, each)
    }
  }
  if (wrong.all.length > 0) {
    for (const [each, name] of dangling) wrong.add([...each.where, name], { id: 'missing primary key' }, each)
    return
  }
  for (const [each, name, key, to] of dangling) {
    const label = String(each.given[each.kind.endpointKey ?? 'id'] ?? each.given['id'])
    wrong.add([each.kind.name, label], [`invalid reference '${name}: ${key}' (no such entry in '${to}')`])
  }
  if (wrong.all.length === 0) put(dao, entities, wrong)
}

function put(dao: Dao, entities: readonly [Written, Entity][], wrong: Wrong): void {
  const ordered = [...entities].sort(([a], [b]) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
  for (const [each, entity] of ordered) {
    try {
      dao.tables.insert(each.kind, entity)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const taken = each.generated && kindKey(each) ? kindKey(each)! : (error.body['fields'] as Fields)
      const [field, value] = Object.entries(taken)[0]!
      wrong.add(
        each.where,
        `uniqueness violation: '${each.kind.name}' entity with ${field} set to '${String(value)}' already declared`,
      )
    }
  }
}

function kindKey({ kind, given }: Written): Fields | null {
  const value = kind.endpointKey === null ? undefined : given[kind.endpointKey]
  return value === undefined ? null : { [kind.endpointKey!]: value }
}
