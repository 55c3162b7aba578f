import type { Written, WrittenScalar } from '../written.ts'
import { nearest } from './nearest.ts'
import type { Also, Reading } from './reading.ts'
import { choicesOf, type SchemaView } from './schema-view.ts'

/** Words that people use for one another, for `yes` in the place of `true` and so on. */
const YES = ['true', 'yes', 'on', 'enabled', 'y', '1']
const NO = ['false', 'no', 'off', 'none', 'never', 'disabled', 'n', '0']

/** Text, number or boolean. */
export function readScalar(reading: Reading, schema: SchemaView, written: Written, also: Also): unknown {
  if (written.kind !== 'scalar') return reading.mismatch(schema, written, also)
  const { value } = written
  switch (schema.type) {
    case 'string':
      return typeof value === 'string' && isText(value, schema)
        ? value
        : reading.mismatch(schema, written, also, meantText(written, schema, also))
    case 'boolean':
      return typeof value === 'boolean'
        ? value
        : reading.mismatch(schema, written, also, meantWord(written, ['true', 'false']))
    case 'integer':
    case 'number':
      return typeof value === 'number' && isNumber(value, schema)
        ? value
        : reading.mismatch(schema, written, also, meantNumber(written, schema) ?? meantWord(written, also))
    default:
      return value === null ? null : reading.mismatch(schema, written, also)
  }
}

/** One of several fixed values. */
export function readChoice(reading: Reading, schema: SchemaView, written: Written, also: Also): unknown {
  const choices = choicesOf(schema)!
  if (written.kind !== 'scalar') return reading.mismatch(schema, written, also)
  if (choices.includes(written.value)) return written.value
  const words = choices.map(String)
  // A value of another type with the same text, such as "3" for 3.
  const same = words.find((word) => word === written.source)
  return reading.mismatch(schema, written, also, same ?? meantWord(written, [...words, ...also]))
}

/** The word that was probably meant by another spelling or a synonym. */
export function meantWord({ value, source }: WrittenScalar, words: readonly string[]): string | null {
  const text = value === null ? 'none' : source
  const synonyms = [YES, NO].find((group) => group.includes(text.toLowerCase())) ?? []
  return words.find((word) => synonyms.includes(word)) ?? nearest(text, words)
}

function isText(
  text: string,
  { pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: SchemaView,
): boolean {
  return (
    text.length >= minLength &&
    text.length <= maxLength &&
    (pattern === undefined || new RegExp(pattern).test(text))
  )
}

function meantText({ value, source }: WrittenScalar, schema: SchemaView, also: Also): string | null {
  if (typeof value === 'string') {
    const slug = slugOf(value)
    return (
      nearest(value, also) ??
      (slug !== '' && slug !== value && schema.pattern !== undefined && isText(slug, schema) ? slug : null)
    )
  }
  // `name: 123` and `name: true`: a text in quotes.
  return value !== null && isText(source, schema) ? `"${source}"` : null
}

/** `My Function_2` as a name. */
export function slugOf(text: string): string {
  return text
    .trim()
    .slice(0, 200)
    .normalize('NFKD')
    .replace(/\p{Mark}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

function isNumber(value: number, schema: SchemaView): boolean {
  const {
    minimum = -Infinity,
    maximum = Infinity,
    exclusiveMinimum = -Infinity,
    exclusiveMaximum = Infinity,
  } = schema
  const isKind = schema.type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value)
  return (
    isKind &&
    value >= minimum &&
    value <= maximum &&
    (value > exclusiveMinimum || exclusiveMinimum === -Infinity) &&
    (value < exclusiveMaximum || exclusiveMaximum === Infinity)
  )
}

function meantNumber({ value, source }: WrittenScalar, schema: SchemaView): string | null {
  if (typeof value === 'number') {
    if (schema.minimum !== undefined && value < schema.minimum) return String(schema.minimum)
    return schema.maximum !== undefined && value > schema.maximum ? String(schema.maximum) : null
  }
  const bare = source.replace(/[_,' ]/g, '')
  return /^-?\d+(\.\d+)?$/.test(bare) && isNumber(Number(bare), schema) ? bare : null
}
