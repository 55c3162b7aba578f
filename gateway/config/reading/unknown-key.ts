import { quote, type Remark } from '../mistakes.ts'
import type { WrittenMap } from '../written.ts'
import { homesOf } from './homes.ts'
import { nearest } from './nearest.ts'
import { slugOf } from './read-scalar.ts'
import type { Reading } from './reading.ts'
import { type SchemaView, schemaOfKey } from './schema-view.ts'

export interface RemarkOnKey extends Remark {
  /** The key was only misspelt or misplaced, and is no secret: its value may be shown. */
  readonly isKnown: boolean
}

const SECRET = /secret|key|token|pass|hash|cred/i

/** What to say about a key that a map does not take. */
export function remarkOnKey(
  reading: Reading,
  schema: SchemaView,
  name: string,
  present: WrittenMap['entries'],
): RemarkOnKey {
  if (schema.patternProperties !== undefined) return remarkOnName(schema, name)
  const names = Object.keys(schema.properties ?? {})
  const isPlugin = names.includes('plugins') && reading.surroundings.plugins?.includes(name)
  const free = names.filter((other) => !present.has(other))
  const suggestion = isPlugin ? null : nearest(name, free)
  const homes = isPlugin ? ['`plugins:`, it is a plugin'] : suggestion === null ? homesOf(name) : []
  const elsewhere = homes.length === 0 ? '' : `; it belongs to ${homes.join(', ')}`
  return {
    message: `unknown key ${quote(name)}${elsewhere}`,
    expected: names.length === 0 ? 'no keys' : `one of ${names.join(', ')}`,
    suggestion,
    isKnown: (suggestion !== null || homes.length > 0) && !SECRET.test(`${name} ${suggestion}`),
  }
}

function remarkOnName(schema: SchemaView, name: string): RemarkOnKey {
  const slug = slugOf(name)
  const suggestion = slug !== name && slug !== '' && schemaOfKey(schema, slug) !== null ? slug : null
  const expected = schema.expected ?? 'another name'
  return { message: `${quote(name)} cannot be a name here`, expected, suggestion, isKnown: false }
}
