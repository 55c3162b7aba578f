import { quote } from '../mistakes.ts'
import type { Written, WrittenMap } from '../written.ts'
import { expectedOf } from './phrases.ts'
import { type Also, BROKEN, type Reading } from './reading.ts'
import { choicesOf, type SchemaView, schemaOfKey } from './schema-view.ts'
import { remarkOnKey } from './unknown-key.ts'

/** A map with known keys, a map of names, or both. Unknown keys are refused. */
export function readObject(reading: Reading, schema: SchemaView, written: Written, also: Also): unknown {
  if (written.kind === 'scalar' && written.value === null && schema.default !== undefined) {
    return reading.readDefault(schema, written)
  }
  if (written.kind !== 'map') {
    const lacksSpace = written.kind === 'scalar' && /^[\w-]+:\S/.test(written.source)
    return reading.mismatch(
      schema,
      written,
      lacksSpace ? [...also, '"key: value" with a space after the colon'] : also,
    )
  }
  const object: Record<string, unknown> = {}
  const isWhole = readKnown(reading, schema, written, object)
  readRest(reading, schema, written, object)
  return isWhole ? object : BROKEN
}

/** Returns false when a field is missing that has no default and no placeholder. */
function readKnown(
  reading: Reading,
  schema: SchemaView,
  written: WrittenMap,
  object: Record<string, unknown>,
): boolean {
  let isWhole = true
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const at = { place: written.place, path: [...written.path, name] }
    const entry = written.entries.get(name)
    const isRequired = schema.required?.includes(name) && field.default === undefined
    let value = entry === undefined ? undefined : reading.read(field, entry.value)
    if (entry === undefined && isRequired) {
      value = reading.refuse(at, { message: `${quote(name)} is missing`, expected: expectedOf(field) })
    }
    if ((value === undefined || value === BROKEN) && field.default !== undefined)
      value = reading.readDefault(field, at)
    if (value === BROKEN) value = placeholderOf(field)
    if (value !== undefined) object[name] = value
    else if (isRequired) isWhole = false
  }
  return isWhole
}

/** Stands for a field with a mistake, so that what surrounds it can still be looked at: `''` and `[]` are never valid there. */
function placeholderOf(schema: SchemaView): unknown {
  if (schema.type === 'array') return []
  return schema.type === 'string' || choicesOf(schema) !== null ? '' : undefined
}

function readRest(
  reading: Reading,
  schema: SchemaView,
  written: WrittenMap,
  object: Record<string, unknown>,
): void {
  const known = schema.properties ?? {}
  for (const [name, { key, value }] of written.entries) {
    if (Object.hasOwn(known, name)) continue
    if (reading.mistakes.isFull) return
    const field = schemaOfKey(schema, name)
    if (field === null) {
      const { isKnown, ...remark } = remarkOnKey(reading, schema, name, written.entries)
      // Nobody knows what it is; it may be a secret whose key is misspelt.
      if (!isKnown || value.kind !== 'scalar') reading.hide(value)
      reading.refuse(key, remark)
      continue
    }
    const read = reading.read(field, value)
    if (read !== BROKEN) object[name] = read
  }
}
