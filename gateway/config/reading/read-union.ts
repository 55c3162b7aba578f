import type { Written } from '../written.ts'
import { expectedOf } from './phrases.ts'
import { meantWord } from './read-scalar.ts'
import { type Also, BROKEN, type Reading } from './reading.ts'
import { alternativesOf, choicesOf, type SchemaView } from './schema-view.ts'

/** One of several schemas, or a word that stands for null. */
export function readUnion(reading: Reading, schema: SchemaView, written: Written, also: Also): unknown {
  const { schemas, words, nullable } = alternativesOf(schema)!
  if (written.kind === 'scalar') {
    if (typeof written.value === 'string' && words.includes(written.value)) return null
    if (written.value === null && nullable) return null
  }
  const fitting = schemas.filter((branch) => mayBe(branch, written))
  if (fitting.length === 0) {
    const suggestion = written.kind === 'scalar' ? meantWord(written, words) : null
    return reading.mismatch(schema, written, also, suggestion)
  }
  if (fitting.length > 1) {
    const value = firstThatReads(reading, fitting, written)
    if (value !== BROKEN) return value
  }
  const chosen = fitting.find((branch) => isOfType(branch, written)) ?? fitting[0]!
  const others = schemas.filter((branch) => branch !== chosen).map(expectedOf)
  return reading.read(chosen, written, [...words, ...others, ...also])
}

function firstThatReads(reading: Reading, schemas: readonly SchemaView[], written: Written): unknown {
  for (const schema of schemas) {
    const count = reading.mistakes.count
    const value = reading.read(schema, written)
    if (reading.mistakes.count === count) return value
    reading.mistakes.forgetSince(count)
  }
  return BROKEN
}

/** Whether a map, list or scalar can be what the schema describes. */
function mayBe(schema: SchemaView, written: Written): boolean {
  if (schema.written === 'secret' || schema.written === 'text') return written.kind !== 'list'
  const isMap = schema.type === 'object' && schema.written !== 'address'
  return written.kind === (isMap ? 'map' : schema.type === 'array' ? 'list' : 'scalar')
}

function isOfType(schema: SchemaView, written: Written): boolean {
  if (written.kind !== 'scalar') return true
  if (choicesOf(schema)?.includes(written.value)) return true
  const type = typeof written.value
  return schema.type === type || (schema.type === 'integer' && type === 'number')
}
