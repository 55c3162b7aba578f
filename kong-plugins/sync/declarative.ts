import { isRecord } from './canonical.ts'
import { type Fields, type Json, type Kind, REFERENCES } from './entities.ts'

/** What stands in its parent, by the reference that leads there; the first that is not null counts. */
const PARENTS: Readonly<Partial<Record<Kind, readonly (readonly [reference: string, parent: Kind])[]>>> = {
  targets: [['upstream', 'upstreams']],
  snis: [['certificate', 'certificates']],
  routes: [['service', 'services']],
  plugins: [
    ['route', 'routes'],
    ['service', 'services'],
  ],
}

type Writable = { [field: string]: Json }

/**
 * Entities as a declarative configuration of format 3.0, which a Kong without a database and decK read: what belongs to
 * another stands in it, other references are ids. Ids and tags are kept.
 *
 * @param whole Each after those that it belongs to; the body with id and tags.
 */
export function declarativeConfig(whole: readonly { readonly kind: Kind; readonly body: Fields }[]): {
  readonly [part: string]: Json
} {
  const top: Writable = { _format_version: '3.0' }
  const byId = new Map<Json, Writable>()
  for (const { kind, body } of whole) {
    const entity = withPlainReferences(kind, body)
    const references = PARENTS[kind] ?? []
    const parent = references.map(([reference]) => byId.get(entity[reference] ?? null)).find((found) => found)
    if (parent) for (const [reference] of references) delete entity[reference]
    listIn(parent ?? top, kind).push(entity)
    byId.set(entity['id']!, entity)
  }
  return top
}

/** `{ id }` becomes the id. What is null is left out: it is null by default. */
function withPlainReferences(kind: Kind, body: Fields): Writable {
  const entity: Writable = {}
  for (const [name, value] of Object.entries(body)) {
    if (value === null) continue
    entity[name] = name in REFERENCES[kind] && isRecord(value) ? (value['id'] ?? null) : value
  }
  return entity
}

function listIn(parent: Writable, kind: Kind): Json[] {
  parent[kind] ??= []
  return parent[kind] as Json[]
}
