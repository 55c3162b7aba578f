import { type Static, type TSchema, type TUnsafe, Type } from 'typebox'
import type { Written } from '../written.ts'

/** What the loader returns: nobody changes it. */
export type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T

/** Pattern of the names of backends, functions and organizations: a DNS label, so that every platform takes it. */
export const NAME_PATTERN = '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'

/** What a name may look like, for people. */
export const NAME_EXPECTED = 'a name of 1 to 63 lower-case letters, digits and inner hyphens'

interface Described {
  readonly description: string
}

/** Name of a backend, function or organization. */
export function Name(options: Described & { readonly default?: string }) {
  return Type.String({ pattern: NAME_PATTERN, expected: NAME_EXPECTED, ...options })
}

/** Text of at least one character without control characters. */
export function Line(options: Described & { readonly default?: string; readonly expected?: string }) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  const pattern = /^[^\u0000-\u001f\u007f]+$/.source
  return Type.String({ pattern, expected: 'a text in one line, not empty', ...options })
}

/** A map whose keys are names of backends, functions, organizations or plugins. */
export function Named<Schema extends TSchema>(schema: Schema, options: Described) {
  return Type.Record(Type.String({ pattern: NAME_PATTERN }), schema, {
    expected: NAME_EXPECTED,
    default: {},
    ...options,
  })
}

/** A group of fields that may be left out as a whole: each field then has its default. */
export function Group<Fields extends Record<string, TSchema>>(fields: Fields, description: string) {
  return Type.Object(fields, { default: {}, description })
}

/** A string with rules of its own in the loader. */
export function Rule(rule: RuleName, options: Described & { readonly default?: string }): TUnsafe<string> {
  return Type.Unsafe<string>({ type: 'string', written: rule, ...options })
}

export type RuleName = 'path-pattern' | 'host-pattern' | 'authority' | 'hash' | 'scope' | 'zone'

/** A part whose schema is known only after other parts are read: the options of drivers and plugins. */
export function Later(options: Described): TUnsafe<Written> {
  return Type.Unsafe<Written>({ written: 'later', ...options })
}

/** A list of strings that each obey the schema, without repetitions. */
export function Names<Schema extends TSchema>(
  schema: Schema,
  options: Described & { default?: Static<Schema>[]; minItems?: number },
) {
  return Type.Array(schema, { uniqueItems: true, ...options })
}
