import type { DesiredState, Fields, Kind } from './entities.ts'
import { KongError } from './kong-error.ts'
import { type EntitySchema, fieldsOf } from './schema.ts'
import type { Target } from './target.ts'

/** Fields that Kong makes of others and shows: names of a certificate are entities, and nobody gives a digest. */
const DERIVED: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  certificates: ['snis'],
  ca_certificates: ['cert_digest'],
}

/** The schemas of one Kong, as far as entities of ours need them. */
export class Schemas {
  readonly #kinds: ReadonlyMap<Kind, EntitySchema>
  readonly #plugins: ReadonlyMap<string, EntitySchema>

  constructor(kinds: ReadonlyMap<Kind, EntitySchema>, plugins: ReadonlyMap<string, EntitySchema>) {
    this.#kinds = kinds
    this.#plugins = plugins
  }

  /** That of the kind; of a plugin with the settings of that plugin. Null for a plugin that this Kong does not have. */
  of(kind: Kind, fields: Fields): EntitySchema | null {
    if (kind !== 'plugins') return this.#kinds.get(kind) ?? null
    return this.#plugins.get(String(fields['name'])) ?? null
  }

  knows(kind: Kind): boolean {
    return this.#kinds.has(kind)
  }

  has(plugin: string): boolean {
    return this.#plugins.has(plugin)
  }
}

/** Asks for the schemas of everything that is desired, and of these plugins besides. */
export async function readSchemas(
  target: Target,
  { entities }: Pick<DesiredState, 'entities'>,
  plugins: Iterable<string>,
  signal: AbortSignal,
): Promise<Schemas> {
  const kinds = new Map<Kind, EntitySchema>()
  const names = new Set(plugins)
  for (const { kind, fields } of entities) if (kind === 'plugins') names.add(String(fields['name']))
  for (const kind of new Set([...entities.map(({ kind }) => kind), 'plugins' as const])) {
    const schema = await target.schema(kind, signal)
    if (schema === null) throw new KongError('malformed', `this Kong has no ${kind}`)
    kinds.set(kind, withoutDerived(kind, schema))
  }
  const found = new Map<string, EntitySchema>()
  for (const name of names) {
    const schema = await target.pluginSchema(name, signal)
    if (schema !== null) found.set(name, together(kinds.get('plugins')!, schema))
  }
  return new Schemas(kinds, found)
}

function withoutDerived(kind: Kind, schema: EntitySchema): EntitySchema {
  const derived = DERIVED[kind] ?? []
  return { fields: schema.fields.filter((field) => !derived.some((name) => name in field)) }
}

/** What plugins have in common, with what this one says in its place. */
function together(common: EntitySchema, own: EntitySchema): EntitySchema {
  return { fields: [Object.fromEntries([...fieldsOf(common), ...fieldsOf(own)])] }
}
