import { FORMS } from '../forms/forms.ts'
import { quote } from '../mistakes.ts'
import type { Written } from '../written.ts'
import { alternativesOf, choicesOf, type SchemaView } from './schema-view.ts'

/** What a schema takes, for people: `a whole number from 1 to 64`. */
export function expectedOf(schema: SchemaView): string {
  if (typeof schema.expected === 'string' && schema.type === 'string') return schema.expected
  const alternatives = alternativesOf(schema)
  if (alternatives !== null) return oneOf([...alternatives.words, ...alternatives.schemas.map(expectedOf)])
  const choices = choicesOf(schema)
  if (choices !== null)
    return choices.length === 1 ? String(choices[0]) : `one of ${choices.map(String).join(', ')}`
  switch (schema.written) {
    case undefined:
      return ofType(schema)
    case 'secret':
      return '{ env: NAME } or { file: path }'
    case 'text':
      return 'a text, { env: NAME } or { file: path }'
    case 'path':
      return schema['exists'] === 'folder' ? 'the path of a folder' : 'the path of a file or folder'
    case 'later':
    case 'word':
      return 'a value'
    default:
      return FORMS[schema.written]?.expected(schema) ?? 'a value'
  }
}

/** What kind of value stands in the file, for people. */
export function kindOf(written: Written): string {
  if (written.kind === 'map') return 'a map'
  if (written.kind === 'list') return 'a list'
  if (written.kind === 'broken' || written.value === null) return 'nothing'
  return typeof written.value === 'string' ? 'a text' : `a ${typeof written.value}`
}

/** What stands in the file, for people. Never more than 60 characters of it. */
export function foundOf(written: Written): string {
  if (written.kind !== 'scalar' || written.value === null) return kindOf(written)
  if (typeof written.value === 'string') return quote(written.value)
  return `${typeof written.value === 'number' ? 'the number ' : ''}${written.source.slice(0, 60)}`
}

/** `a, b or c`. */
export function oneOf(phrases: readonly string[]): string {
  const distinct = [...new Set(phrases)]
  const last = distinct.pop() ?? 'a value'
  return distinct.length === 0 ? last : `${distinct.join(', ')} or ${last}`
}

function ofType(schema: SchemaView): string {
  switch (schema.type) {
    case 'object':
      return ofMap(schema)
    case 'array':
      return Array.isArray(schema.items) ? `a list of ${schema.items.length}` : 'a list'
    case 'boolean':
      return 'true or false'
    case 'integer':
      return `a whole number${bounds(schema)}`
    case 'number':
      return `a number${bounds(schema)}`
    case 'string':
      return 'a text'
    default:
      return 'a value'
  }
}

function ofMap({ properties = {} }: SchemaView): string {
  const names = Object.keys(properties)
  if (names.length === 0) return 'a map'
  return `a map with ${names.slice(0, 4).join(', ')}${names.length > 4 ? ' and so on' : ''}`
}

function bounds({ minimum, maximum }: SchemaView): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`
  if (minimum !== undefined) return ` of at least ${minimum}`
  return maximum === undefined ? '' : ` of at most ${maximum}`
}
