import { expectedOf } from './reading/phrases.ts'
import { alternativesOf, choicesOf, isObject, type SchemaView } from './reading/schema-view.ts'
import { NAME_PATTERN } from './schema/fields.ts'

/** One map of the configuration: a table of its fields. */
export interface Section {
  /** Where it stands, such as `identity.issuers[]`; empty for the whole file. */
  readonly path: string
  readonly description: string
  readonly rows: readonly Row[]
}

export interface Row {
  readonly field: string
  /** What may be written. */
  readonly form: string
  /** The default as it would be written, or *required*. */
  readonly standard: string
  readonly meaning: string
}

/** The map that a schema describes and the maps inside, each once: where one stands again, its first place is named. */
export function sectionsOf(schema: SchemaView, path: string, seen = new Map<unknown, string>()): Section[] {
  const rows: Row[] = []
  const inside: Section[] = []
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const at = path === '' ? name : `${path}.${name}`
    const map = mapIn(field, at)
    const key = map?.schema.properties
    const first = seen.get(key)
    if (map !== null && first === undefined) {
      seen.set(key, map.path)
      inside.push(...sectionsOf(map.schema, map.path, seen))
    }
    rows.push({
      field: name,
      form: map === null ? formOf(field) : `${formOf(field)}: ${linkTo(first ?? map.path)}`,
      standard: standardOf(schema, name, field),
      meaning: meaningOf(field),
    })
  }
  return [{ path, description: schema.description ?? '', rows }, ...inside]
}

/** Link to the heading of a section, which has its path as code. */
function linkTo(path: string): string {
  return `[\`${path}\`](#${path.toLowerCase().replace(/[^\w-]/g, '')})`
}

/** The map with known keys in a field: itself, an item of its list, a value of its map of names, or an alternative. */
function mapIn(schema: SchemaView, path: string): { schema: SchemaView; path: string } | null {
  if (isObject(schema) && Object.keys(schema.properties ?? {}).length > 0) return { schema, path }
  const [named] = Object.values(schema.patternProperties ?? {})
  if (named !== undefined) return mapIn(named, `${path}.NAME`)
  if (schema.type === 'array' && !Array.isArray(schema.items))
    return mapIn(schema.items as SchemaView, `${path}[]`)
  for (const branch of alternativesOf(schema)?.schemas ?? []) {
    const found = mapIn(branch, path)
    if (found !== null) return found
  }
  return null
}

/** The kinds that the introduction of the page explains are named only. */
function formOf(schema: SchemaView): string {
  const [named] = Object.values(schema.patternProperties ?? {})
  if (named !== undefined) return `map of names to ${named.written === 'later' ? 'options' : formOf(named)}`
  const alternatives = alternativesOf(schema)
  if (alternatives !== null)
    return [...alternatives.words.map(code), ...alternatives.schemas.map(formOf)].join(' or ')
  const choices = choicesOf(schema)
  if (choices !== null) return choices.map(code).join(', ')
  if (schema.written !== undefined) return `${NAMES[schema.written] ?? schema.written}${boundsOf(schema)}`
  if (schema.type === 'array')
    return Array.isArray(schema.items) ? 'list' : `list of: ${formOf(schema.items as SchemaView)}`
  if (isObject(schema)) return 'map'
  if (schema.type === 'string') return schema.pattern === NAME_PATTERN ? 'name' : 'string'
  return schema.type === 'boolean' ? '`true`, `false`' : expectedOf(schema).replace(/^an? /, '')
}

const NAMES: Readonly<Record<string, string>> = {
  url: 'URL',
  cidr: 'network or address',
  'path-pattern': 'path',
  'host-pattern': 'host',
  'header-name': 'name of a header',
  path: 'path of a file or folder',
}

function boundsOf({ min, max }: SchemaView): string {
  if (min !== undefined && max !== undefined) return `, ${min} to ${max}`
  if (min !== undefined) return `, at least ${min}`
  return max === undefined ? '' : `, at most ${max}`
}

function code(value: unknown): string {
  return `\`${value}\``
}

function standardOf(
  parent: SchemaView,
  name: string,
  { default: standard, type, anyOf }: SchemaView,
): string {
  if (standard === undefined) return parent.required?.includes(name) ? '*required*' : ''
  if (standard === null) return ''
  const isGroup = JSON.stringify(standard) === '{}' && (type === 'object' || anyOf !== undefined)
  return isGroup ? '' : `\`${typeof standard === 'string' ? standard : JSON.stringify(standard)}\``
}

/** A field that may be absent or a word has its description inside. */
function meaningOf(schema: SchemaView): string {
  return (
    schema.description ??
    alternativesOf(schema)?.schemas.find((branch) => branch.description !== undefined)?.description ??
    ''
  )
}
