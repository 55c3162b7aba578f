import { canonical, isList, isRecord } from './canonical.ts'
import { type Fields, type Json, OWN_FIELDS } from './entities.ts'
import { type EntitySchema, type FieldSchema, fieldsOf } from './schema.ts'

/** An entity with every field that this Kong has, in one spelling: two that mean the same are equal. */
export interface Normalised {
  readonly fields: Fields
  /** Fields with a value that this Kong does not know, with dots for what is inside. */
  readonly unknown: readonly string[]
}

/**
 * Fills in what Kong itself would, by its own schemas: defaults, null for what has none, sets in one order. What we write
 * and what Kong says of it come out the same, so that a default is no difference.
 */
export function normalise(fields: Fields, schema: EntitySchema): Normalised {
  const unknown: string[] = []
  const filled = record(fields, schema, '', unknown)
  return { fields: filled, unknown }
}

/** The fields that are to be written: as given, without those that this Kong does not know. */
export function writable(fields: Fields, schema: EntitySchema): Fields {
  return onlyKnown(fields, schema)
}

function record(
  given: Fields,
  schema: Pick<EntitySchema, 'fields'>,
  path: string,
  unknown: string[],
): Record<string, Json> {
  const known = fieldsOf(schema)
  const filled: Record<string, Json> = {}
  for (const [name, field] of known) {
    if (path === '' && OWN_FIELDS.has(name)) continue
    const value = given[name] ?? null
    // Kong has chosen it, and nobody else says what it should be.
    if (value === null && field.auto === true) continue
    filled[name] = fill(value, field, path + name, unknown)
  }
  for (const [name, value] of Object.entries(given)) {
    const isOwn = path === '' && OWN_FIELDS.has(name)
    if (!known.has(name) && !isOwn && value !== null) unknown.push(path + name)
  }
  return filled
}

function fill(given: Json, field: FieldSchema, path: string, unknown: string[]): Json {
  const value = given ?? field.default ?? null
  if (field.type === 'record' && field.fields !== undefined) {
    // Kong fills records that nobody gave, required or not.
    return record(isRecord(value) ? value : {}, { fields: field.fields }, `${path}.`, unknown)
  }
  if (value === null) return null
  switch (field.type) {
    case 'foreign':
      return isRecord(value) ? { id: value['id'] ?? null } : value
    case 'set':
      return [...new Map(items(value, field, path, unknown).map((item) => [canonical(item), item]))]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, item]) => item)
    case 'array':
      return items(value, field, path, unknown)
    case 'map':
      return isRecord(value) ? map(value, field, path, unknown) : value
    default:
      return value
  }
}

/** Kong's JSON writes an empty list as `{}` at times. */
function items(value: Json, { elements }: FieldSchema, path: string, unknown: string[]): Json[] {
  if (!isList(value)) return []
  return elements === undefined ? [...value] : value.map((item) => fill(item, elements, path, unknown))
}

/** As a list, so that a key too many is a difference like any other. */
function map(
  value: { readonly [key: string]: Json },
  { values }: FieldSchema,
  path: string,
  unknown: string[],
): Json {
  return Object.keys(value)
    .sort()
    .map((key) => {
      const inside = value[key]!
      return [key, values === undefined ? inside : fill(inside, values, `${path}.${key}`, unknown)]
    })
}

function onlyKnown(given: Fields, schema: Pick<EntitySchema, 'fields'>): Fields {
  const known = fieldsOf(schema)
  const kept = Object.entries(given).flatMap(([name, value]): [string, Json][] => {
    const field = known.get(name)
    if (field === undefined) return []
    return [
      [
        name,
        field.fields !== undefined && isRecord(value) ? onlyKnown(value, { fields: field.fields }) : value,
      ],
    ]
  })
  return Object.fromEntries(kept)
}
