/** What JSON can hold. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
export type Fields = { [name: string]: Json }

/** Says what is wrong with a value, in Kong's words; `undefined` when nothing is. */
type Check = (value: never) => string | undefined

/** One field as Kong describes it; what is a function here is left out when `/schemas` shows it, as in Kong. */
export interface Field {
  type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'set' | 'map' | 'record' | 'foreign'
  default?: Json
  required?: boolean
  unique?: boolean
  auto?: boolean
  uuid?: boolean
  timestamp?: boolean
  transient?: boolean
  eq?: null
  ne?: boolean
  one_of?: readonly (string | number)[]
  not_one_of?: readonly string[]
  contains?: string
  /** Members of one of them only may stand together. */
  mutually_exclusive_subsets?: readonly (readonly string[])[]
  between?: readonly [number, number]
  gt?: number
  len_eq?: number
  len_min?: number
  starts_with?: string
  match_none?: readonly { pattern: string; err: string }[]
  elements?: Field
  keys?: Field
  values?: Field
  fields?: NamedField[]
  entity_checks?: EntityCheck[]
  /** Old names of fields, which answers still show. */
  shorthand_fields?: readonly NamedField[]
  reference?: string
  on_delete?: 'cascade'
  /** Instead of any other sentence. */
  err?: string
  referenceable?: boolean
  encrypted?: boolean
  check?: Check
}

/** A field under its name; Kong lists fields so. */
export type NamedField = { [name: string]: Field }

type Match = Partial<Omit<Field, 'elements'>> & { elements?: Field; pattern?: RegExp }

export type EntityCheck =
  | { at_least_one_of: string[] }
  | { only_one_of: string[] }
  | { mutually_required: string[] }
  | { distinct: string[] }
  | {
      conditional: {
        if_field: string
        if_match: Match
        then_field: string
        then_match: Match
        then_err?: string
      }
    }
  | {
      conditional_at_least_one_of: {
        if_field: string
        if_match: Match
        then_at_least_one_of: string[]
        then_err: string
        else_match?: Match
        else_then_at_least_one_of?: string[]
        else_then_err?: string
      }
    }
  | { custom_entity_check: { field_sources: string[]; check: (entity: Fields) => string | undefined } }

export interface Schema {
  readonly fields: NamedField[]
  readonly entity_checks: EntityCheck[]
}

/** The name and the field of what Kong writes as a table of one key. */
export function unpack(named: NamedField): [string, Field] {
  return Object.entries(named)[0]!
}

/** The other way round: fields by their names, as Kong lists them. */
export function named(fields: Readonly<Record<string, Field>>): NamedField[] {
  return Object.entries(fields).map(([name, field]) => ({ [name]: field }))
}

/** With this value of one field another one is needed. */
export function needed(on: string, value: string, then: string): EntityCheck {
  return {
    conditional: {
      if_field: on,
      if_match: { one_of: [value] },
      then_field: then,
      then_match: { required: true },
    },
  }
}

/** The field of a path such as `config.redis.host`. */
export function fieldAt(fields: readonly NamedField[], path: string): Field | undefined {
  const [head, ...rest] = path.split('.')
  const found = fields.map(unpack).find(([name]) => name === head)?.[1]
  return rest.length === 0 ? found : found?.fields && fieldAt(found.fields, rest.join('.'))
}

/** The value at a path such as `config.redis.host`; `undefined` when one above it is absent or null. */
export function valueAt(entity: Fields, path: string): Json | undefined {
  let value: Json | undefined = entity
  for (const name of path.split('.')) {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
    value = value[name]
  }
  return value
}
