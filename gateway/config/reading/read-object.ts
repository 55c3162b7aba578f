import { quote } from '../mistakes.ts'
import type { Written, WrittenMap } from '../written.ts'
import { homesOf } from './homes.ts'
import { nearest } from './nearest.ts'
import { expectedOf } from './phrases.ts'
import { slugOf } from './read-scalar.ts'
import { type Also, BROKEN, type Reading } from './reading.ts'
import { type SchemaView, schemaOfKey } from './schema-view.ts'

/** A map with known keys, a map of names, or both. Unknown keys are refused. */
export function readObject(reading: Reading, schema: SchemaView, written: Written, also: Also): unknown {
  if (written.kind === 'scalar' && written.value === null && schema.default !== undefined) {
    return reading.readDefault(schema, written)
  }
  if (written.kind !== 'map') {
    reading.hide(written)
    return reading.mismatch(schema, written, also)
  }
  const object: Record<string, unknown> = {}
  const isWhole = readKnown(reading, schema, written, object)
  readRest(reading, schema, written, object)
  return isWhole ? object : BROKEN
}

/** Returns false when a field is missing that has no default. */
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
    if (value === BROKEN) isWhole &&= !isRequired
    else if (value !== undefined) object[name] = value
  }
  return isWhole
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
    const field = schemaOfKey(schema, name)
    if (field === null) {
      // Nobody knows what it is; it may be a secret whose key is misspelt.
      reading.hide(value)
      reading.refuse(key, remarkOnKey(schema, name, [...written.entries.keys()]))
      continue
    }
    const read = reading.read(field, value)
    if (read !== BROKEN) object[name] = read
  }
}

function remarkOnKey(schema: SchemaView, name: string, present: readonly string[]) {
  if (schema.patternProperties !== undefined) {
    const slug = slugOf(name)
    const suggestion = slug !== name && slug !== '' && schemaOfKey(schema, slug) !== null ? slug : null
    return {
      message: `${quote(name)} cannot be a name here`,
      expected: schema.expected ?? 'another name',
      suggestion,
    }
  }
  const names = Object.keys(schema.properties ?? {})
  const suggestion = nearest(
    name,
    names.filter((other) => !present.includes(other)),
  )
  const homes = suggestion === null ? homesOf(name) : []
  const elsewhere = homes.length === 0 ? '' : `; it belongs to ${homes.join(' and ')}`
  return {
    message: `unknown key ${quote(name)}${elsewhere}`,
    expected: `one of ${names.join(', ')}`,
    suggestion,
  }
}
