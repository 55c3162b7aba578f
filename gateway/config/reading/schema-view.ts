import type { TSchema } from 'typebox'
import type { WrittenForm } from '../../contract/option-types.ts'
import type { RuleName } from '../schema/fields.ts'

/** The keywords of JSON Schema that the reader knows, and our own. Types of TypeBox and plain JSON Schema look alike here. */
export interface SchemaView {
  readonly [keyword: string]: unknown
  readonly type?: string | readonly string[]
  readonly description?: string
  /** As written, before conversion. */
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, SchemaView>>
  readonly required?: readonly string[]
  readonly patternProperties?: Readonly<Record<string, SchemaView>>
  readonly additionalProperties?: boolean | SchemaView
  readonly items?: SchemaView | readonly SchemaView[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly uniqueItems?: boolean
  readonly anyOf?: readonly SchemaView[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string | RegExp
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly multipleOf?: number
  /** Ours: how the value is written, where that differs from how it is held. */
  readonly written?: WrittenForm | RuleName | 'later'
  /** Ours: the word of the form `word`. */
  readonly word?: string
  /** Ours: what the value looks like, for people. */
  readonly expected?: string
  /** Ours: what is refused is not shown. */
  readonly private?: boolean
}

/** The one place where a schema of TypeBox is looked at as its keywords. */
export function viewOf(schema: TSchema): SchemaView {
  return schema as SchemaView
}

/** Alternatives of a schema, and words that stand for null. */
export interface Alternatives {
  readonly schemas: readonly SchemaView[]
  readonly words: readonly string[]
  /** An empty value is null. */
  readonly nullable: boolean
}

export function alternativesOf(schema: SchemaView): Alternatives | null {
  const branches =
    schema.anyOf ?? (Array.isArray(schema.type) ? schema.type.map((type) => ({ ...schema, type })) : null)
  if (branches === null) return null
  return {
    schemas: branches.filter((branch) => branch.type !== 'null'),
    words: branches.flatMap((branch) => (branch.written === 'word' ? [branch.word ?? ''] : [])),
    nullable: branches.some((branch) => branch.type === 'null' && branch.written !== 'word'),
  }
}

export function isObject(schema: SchemaView): boolean {
  return schema.type === 'object' && schema.written === undefined
}

/** The values of `enum` or `const`, or null. */
export function choicesOf(schema: SchemaView): readonly unknown[] | null {
  if (Array.isArray(schema.enum)) return schema.enum
  return 'const' in schema ? [schema.const] : null
}

/** The schema of a key in a map of names, or null when the key is not allowed. */
export function schemaOfKey(schema: SchemaView, key: string): SchemaView | null {
  for (const [pattern, value] of Object.entries(schema.patternProperties ?? {})) {
    if (new RegExp(pattern).test(key)) return value
  }
  const rest = schema.additionalProperties
  if (rest === true) return {}
  return typeof rest === 'object' && rest !== null ? rest : null
}
