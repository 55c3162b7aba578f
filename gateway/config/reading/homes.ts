import { DocumentSchema } from '../schema.ts'
import { type SchemaView, viewOf } from './schema-view.ts'

/** More places than this help nobody. */
const MOST = 4

let index: Map<string, string[]> | null = null

/** Where in the file a key belongs that was found elsewhere: `timeout` to `functions.NAME`. None when there are too many. */
export function homesOf(key: string): readonly string[] {
  index ??= createIndex()
  const homes = index.get(key) ?? []
  return homes.length <= MOST ? homes : []
}

function createIndex(): Map<string, string[]> {
  const found = new Map<string, string[]>()
  collect(viewOf(DocumentSchema), '', found)
  return found
}

function collect(schema: SchemaView, path: string, found: Map<string, string[]>): void {
  if (schema.written !== undefined) return
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const homes = found.get(name) ?? []
    found.set(name, [...homes, path === '' ? 'the top level' : path])
    collect(field, path === '' ? name : `${path}.${name}`, found)
  }
  // What an organization may hold, everybody may hold at the top level.
  if (path === 'organizations') return
  for (const field of Object.values(schema.patternProperties ?? {})) collect(field, `${path}.NAME`, found)
  if (schema.items !== undefined && !Array.isArray(schema.items))
    collect(schema.items as SchemaView, `${path}[]`, found)
  for (const branch of schema.anyOf ?? []) collect(branch, path, found)
}
