import type { Json } from './entities.ts'

/** A field as Kong's schemas describe it, as far as we use it. */
export interface FieldSchema {
  readonly type: string
  readonly default?: Json
  readonly required?: boolean
  /** Kong chooses a value when none is given. */
  readonly auto?: boolean
  /** Fields of a record. */
  readonly fields?: readonly Readonly<Record<string, FieldSchema>>[]
  /** Of an array or a set. */
  readonly elements?: FieldSchema
  /** Of a map. */
  readonly values?: FieldSchema
}

/** `GET /schemas/{kind}`: one object with one key for each field. */
export interface EntitySchema {
  readonly fields: readonly Readonly<Record<string, FieldSchema>>[]
}

const known = new WeakMap<object, ReadonlyMap<string, FieldSchema>>()

/** The fields of a schema by name. */
export function fieldsOf({ fields }: Pick<EntitySchema, 'fields'>): ReadonlyMap<string, FieldSchema> {
  let found = known.get(fields)
  if (found === undefined) {
    found = new Map(fields.flatMap((field) => Object.entries(field)))
    known.set(fields, found)
  }
  return found
}
