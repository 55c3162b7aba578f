import type { Schema } from './field.ts'

/** A kind of entity: its schema, and how the Admin API gets at it. */
export interface Kind extends Schema {
  readonly name: string
  /** The field whose value may stand in a path instead of the id. */
  readonly endpointKey: string | null
  /** Groups of fields of which no two entities may have the same values. */
  readonly uniqueTogether?: readonly (readonly string[])[]
  /** Path of the collection, when it is not the name. */
  readonly path?: string
  /** Path below a consumer. */
  readonly nestedPath?: string
  /** Collection in declarative configuration, when it is not the name. */
  readonly declarativeName?: string
}
