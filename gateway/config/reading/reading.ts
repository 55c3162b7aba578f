import { FORMS } from '../forms/forms.ts'
import type { Mistakes, Remark } from '../mistakes.ts'
import { asData, asWritten, type Located, type Written } from '../written.ts'
import { expectedOf, foundOf, kindOf, oneOf } from './phrases.ts'
import { readForm } from './read-form.ts'
import { readList } from './read-list.ts'
import { readObject } from './read-object.ts'
import { readReference } from './read-reference.ts'
import { readChoice, readScalar } from './read-scalar.ts'
import { readUnion } from './read-union.ts'
import { choicesOf, type SchemaView } from './schema-view.ts'

/** In the place of a value that cannot be used; a mistake says why. */
export const BROKEN = Symbol('broken')

/** Where things outside the file come from. */
export interface Surroundings {
  /** Relative paths count from here. */
  readonly directory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Names of the plugins there are, for those who write one beside `plugins:`. */
  readonly plugins?: readonly string[]
}

/** What else would be allowed in the place of a value; said with every mistake about it. */
export type Also = readonly string[]

function childOf(written: Written | undefined, key: string | number): Written | undefined {
  if (written?.kind === 'map') return written.entries.get(String(key))?.value
  return written?.kind === 'list' ? written.items[Number(key)] : undefined
}

/** Turns what is written into what is held, by schema. Notes every mistake and goes on. */
export class Reading {
  readonly mistakes: Mistakes
  readonly surroundings: Surroundings
  readonly #origins = new WeakMap<object, Written>()

  constructor(mistakes: Mistakes, surroundings: Surroundings) {
    this.mistakes = mistakes
    this.surroundings = surroundings
  }

  /** The value, complete with defaults, or BROKEN. Fields that are wrong but have a default get the default. */
  read(schema: SchemaView, written: Written, also: Also = []): unknown {
    if (written.kind === 'broken') return BROKEN
    const value = this.#dispatch(schema, written, also)
    if (typeof value === 'object' && value !== null) this.note(value, written)
    return value
  }

  /** The default of a schema, for something that was not written. */
  readDefault(schema: SchemaView, at: Located): unknown {
    return this.read(schema, asWritten(schema.default, at))
  }

  /** Notes a mistake. */
  refuse(at: Located, remark: Remark): typeof BROKEN {
    this.mistakes.add(at, remark)
    return BROKEN
  }

  /** Notes that something else was expected. A text in the place of a map or list is not repeated: it may be a secret. */
  mismatch(
    schema: SchemaView,
    written: Written,
    also: Also,
    suggestion: string | null = null,
  ): typeof BROKEN {
    const expected = oneOf([expectedOf(schema), ...also])
    const isPrivate =
      schema.private || schema.type === 'object' || (schema.type === 'array' && suggestion === null)
    if (written.kind === 'scalar' && written.value === null) {
      return this.refuse(written, { message: 'nothing stands here', expected, suggestion })
    }
    const found = isPrivate ? kindOf(written) : foundOf(written)
    if (isPrivate || written.kind !== 'scalar') this.hide(written)
    return this.refuse(written, { message: `${found} cannot stand here`, expected, suggestion })
  }

  /** The scalars in here are never shown. */
  hide(written: Written): void {
    if (written.kind === 'map') for (const { value } of written.entries.values()) this.hide(value)
    else if (written.kind === 'list') for (const item of written.items) this.hide(item)
    else this.mistakes.hide(written.place)
  }

  /** Remembers where a map or list was written, unless that is known already. */
  note(value: object, written: Written): void {
    if (value !== written && !this.#origins.has(value)) this.#origins.set(value, written)
  }

  /**
   * Where a value of the configuration was written.
   *
   * @param owner A map or list that `read` returned.
   * @param keys From the owner to the value; what was not written is located at what holds it.
   */
  locate(owner: object, ...keys: (string | number)[]): Located {
    const origin = this.#origins.get(owner)
    let at: Located = origin ?? { place: { start: 0, end: 0 }, path: [] }
    let inside: Written | undefined = origin
    for (const key of keys) {
      inside = childOf(inside, key)
      at = inside ?? { place: at.place, path: [...at.path, key] }
    }
    return at
  }

  /** Whether a key was written, rightly or not, in a map that `read` returned. */
  wrote(owner: object, key: string): boolean {
    const origin = this.#origins.get(owner)
    return origin?.kind === 'map' && origin.entries.has(key)
  }

  /** Whether an empty list, or nothing, was written under a key. */
  isEmpty(owner: object, key: string): boolean {
    const written = childOf(this.#origins.get(owner), key)
    return written === undefined || (written.kind === 'list' && written.items.length === 0)
  }

  /** Where the key of a map was written that `read` returned. */
  locateKey(owner: object, key: string): Located {
    const origin = this.#origins.get(owner)
    return (origin?.kind === 'map' ? origin.entries.get(key)?.key : undefined) ?? this.locate(owner, key)
  }

  #dispatch(schema: SchemaView, written: Written, also: Also): unknown {
    if (schema.written === 'later') return written
    if (schema.written === 'secret' || schema.written === 'text' || schema.written === 'path') {
      return readReference(this, schema, schema.written, written, also)
    }
    if (schema.written !== undefined && Object.hasOwn(FORMS, schema.written))
      return readForm(this, schema, written, also)
    if (schema.anyOf !== undefined || Array.isArray(schema.type))
      return readUnion(this, schema, written, also)
    if (choicesOf(schema) !== null) return readChoice(this, schema, written, also)
    if (schema.type === 'object') return readObject(this, schema, written, also)
    if (schema.type === 'array') return readList(this, schema, written, also)
    return schema.type === undefined ? asData(written) : readScalar(this, schema, written, also)
  }
}
