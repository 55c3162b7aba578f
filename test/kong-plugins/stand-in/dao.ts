import { createHash, X509Certificate } from 'node:crypto'
import { complete, type Generated, merge } from './complete.ts'
import { ROUTE_RULES } from './entities/routes.ts'
import { type Field, type Fields, type Json, type NamedField, type Schema, unpack } from './field.ts'
import type { Kind } from './kind.ts'
import { KINDS } from './kinds.ts'
import {
  invalidUnique,
  patchedNothing,
  schemaViolation,
  stillReferenced,
  unresolvedReference,
} from './refusals.ts'
import { expand, withOldNames } from './shorthands.ts'
import { type Entity, Tables } from './tables.ts'
import { normalTarget } from './typedefs.ts'
import { isRecord, isUuid, type Problems, validate, validateField } from './validate.ts'

const byName = new Map(KINDS.map((kind) => [kind.name, kind]))

/** @throws TypeError When there is no such kind. */
export function kindOf(name: string): Kind {
  const kind = byName.get(name)
  if (!kind) throw new TypeError(`no kind ${name}`)
  return kind
}

/** The entities of a Kong: what the Admin API does with them. All methods throw {@link Refusal}. */
export class Dao {
  readonly tables: Tables
  /** Of all targets; empty before a worker has built a balancer. */
  health = ''
  readonly #plugins: Readonly<Record<string, Schema>>
  readonly #generated: Generated

  constructor(plugins: Readonly<Record<string, Schema>>, generated: Generated, tables = new Tables()) {
    this.#plugins = plugins
    this.#generated = generated
    this.tables = tables
  }

  get plugins(): Readonly<Record<string, Schema>> {
    return this.#plugins
  }

  /** The one that a part of a path means: by id when it looks like one, else by its key. */
  find(kind: Kind, key: string): Entity | undefined {
    if (isUuid(key)) return this.tables.get(kind, key.toLowerCase())
    return kind.endpointKey === null ? undefined : this.tables.find(kind, kind.endpointKey, key)
  }

  insert(kind: Kind, given: Fields): Entity {
    const entity = this.prepare(kind, given)
    return this.#store(kind, entity, given, (row) => this.tables.insert(kind, row))
  }

  /** Creates or replaces the whole of it. */
  upsert(kind: Kind, key: string, given: Fields): Entity {
    const old = this.find(kind, key)
    const named = !isUuid(key) && kind.endpointKey !== null ? { [kind.endpointKey]: key } : {}
    const id = isUuid(key) ? key.toLowerCase() : old?.id
    if (!isUuid(key)) this.checkKey(kind, key)
    const entity = this.prepare(kind, { ...given, ...named, ...(id === undefined ? {} : { id }) })
    return this.#store(kind, entity, { snis: [], ...given }, (row) => this.tables.put(kind, row))
  }

  patch(kind: Kind, old: Entity, change: Fields): Entity {
    const { id, created_at: _, ...rest } = change
    if (id !== undefined && id !== old.id) throw patchedNothing({ id: old.id })
    const expanded = this.#resolve(kind, expand(kind, { ...nameOf(kind, old), ...rest }))
    const fields = this.#schema(kind, { ...old, ...expanded })?.fields ?? kind.fields
    const entity = this.prepare(kind, { ...merge(fields, old, expanded), created_at: old['created_at']! })
    return this.#store(kind, entity, change, (row) => this.tables.put(kind, row))
  }

  remove(kind: Kind, entity: Entity): void {
    if (kind.name === 'ca_certificates') {
      const names = (service: Entity) =>
        (service['ca_certificates'] as string[] | null)?.includes(entity.id) ?? false
      const service = this.tables.all(kindOf('services')).find(names)
      if (service) throw stillReferenced(entity.id, 'services', service.id)
    }
    this.tables.delete(kind, entity)
  }

  /** @throws Refusal When the key of a path could not be a value of its field. */
  checkKey(kind: Kind, key: string): void {
    const field = kind.fields.map(unpack).find(([name]) => name === kind.endpointKey)?.[1]
    const problem = field && validateField(field, key)
    if (problem !== undefined) throw invalidUnique(kind.endpointKey!, problem as string)
  }

  /** The entity as it would be stored. */
  prepare(kind: Kind, given: Fields): Entity {
    const resolved = this.#resolve(kind, expand(kind, given))
    if (kind.name === 'plugins') this.#checkProtocols(resolved)
    const schema = this.#schema(kind, resolved)
    if (schema === null) throw schemaViolation(this.#wrongType(kind, resolved))
    const { updated_at: _, ...own } = resolved
    const entity = complete(schema.fields, own, this.#generated)
    const problems = validate(schema, entity)
    if (problems) throw schemaViolation(problems)
    return normal(kind, entity)
  }

  /** The entity as answers show it. */
  show(kind: Kind, entity: Entity): Fields {
    if (kind.name === 'certificates') {
      const snis = this.tables
        .pointingAt(kindOf('snis'), 'certificate', entity.id)
        .map((sni) => sni['name'] as string)
      return { ...entity, snis: snis.sort() }
    }
    if (kind.name === 'plugins')
      return { ...entity, config: withOldNames(entity['name'] as string, entity['config'] ?? null) }
    if (kind.name === 'keyauth_credentials' && typeof entity['ttl'] === 'number')
      return { ...entity, ttl: Math.max(0, entity['ttl'] - 1) }
    return entity
  }

  #store(kind: Kind, entity: Entity, given: Fields, put: (row: Entity) => void): Entity {
    if (kind.name !== 'certificates') {
      put(entity)
      return entity
    }
    const { snis: _, ...row } = entity
    if (!Array.isArray(given['snis'])) {
      put(row as Entity)
      return row as Entity
    }
    const names = [...new Set(given['snis'] as string[])]
    this.#checkSnis(row.id as string, names)
    put(row as Entity)
    const snis = kindOf('snis')
    for (const old of this.tables.pointingAt(snis, 'certificate', row.id as string))
      if (!names.includes(old['name'] as string)) this.tables.delete(snis, old)
    for (const name of names)
      if (!this.tables.find(snis, 'name', name))
        this.insert(snis, { name, certificate: { id: row.id as string } })
    return row as Entity
  }

  #checkSnis(id: string, names: readonly string[]): void {
    for (const name of names) {
      this.checkKey(kindOf('snis'), name)
      const holder = (
        this.tables.find(kindOf('snis'), 'name', name)?.['certificate'] as Fields | undefined
      )?.['id']
      if (holder !== undefined && holder !== id)
        throw schemaViolation({ snis: `${name} already associated with existing certificate '${holder}'` })
    }
  }

  /** References by name become references by id. */
  #resolve(kind: Kind, given: Fields): Fields {
    const resolved: Fields = { ...given }
    for (const [name, field] of kind.fields.map(unpack)) {
      const value = given[name]
      if (field.type !== 'foreign' || !isRecord(value) || 'id' in value) continue
      const to = kindOf(field.reference!)
      const key = to.endpointKey === null ? undefined : value[to.endpointKey]
      if (typeof key !== 'string') continue
      const found = this.tables.find(to, to.endpointKey!, key)
      if (!found) throw unresolvedReference(name, to.endpointKey!, key, to.name)
      resolved[name] = { id: found.id }
    }
    return resolved
  }

  /** What an entity has to keep to, which may hang on its name or its protocols; null when they are not known. */
  #schema(kind: Kind, given: Fields): Schema | null {
    if (kind.name === 'routes') {
      const protocols = given['protocols'] ?? ['http', 'https']
      if (!Array.isArray(protocols)) return kind
      if (protocols.length === 0 || protocols.some((protocol) => !PROTOCOLS.has(protocol))) return null
      const rules = /^http/.test(String(protocols[0])) ? ROUTE_RULES.http : ROUTE_RULES.grpc
      if (!/^(http|grpc)/.test(String(protocols[0]))) return kind
      const entity_checks = [...kind.entity_checks, ...rules.entity_checks]
      return { fields: overridden(kind.fields, rules.fields), entity_checks }
    }
    if (kind.name !== 'plugins') return kind
    const own = this.#plugins[String(given['name'])]
    return own ? { fields: overridden(kind.fields, own.fields), entity_checks: own.entity_checks } : null
  }

  /** A plugin and its route have a protocol in common. */
  #checkProtocols({ route, protocols }: Fields): void {
    const id = isRecord(route) ? route['id'] : undefined
    const found = typeof id === 'string' && this.tables.get(kindOf('routes'), id)
    if (!found || !Array.isArray(protocols)) return
    if (!protocols.some((protocol) => (found['protocols'] as Json[]).includes(protocol)))
      throw schemaViolation({ protocols: "must match the associated route's protocols" })
  }

  #wrongType(kind: Kind, given: Fields): Problems {
    if (kind.name === 'routes')
      return {
        protocols: `unknown type: ${(given['protocols'] as string[]).find((name) => !PROTOCOLS.has(name)) ?? 'nil'}`,
      }
    const name = given['name'] ?? null
    if (name === null) return { name: 'required field missing' }
    return { name: `plugin '${String(name)}' not enabled; add it to the 'plugins' configuration property` }
  }
}

const PROTOCOLS = new Set<Json>(['http', 'https', 'grpc', 'grpcs', 'tcp', 'tls', 'udp', 'tls_passthrough'])

/** Fields of a schema, some of them replaced. */
function overridden(fields: readonly NamedField[], by: readonly NamedField[]): NamedField[] {
  const others = new Map(by.map(unpack))
  return fields.map((named) => {
    const [name, field] = unpack(named)
    return { [name]: others.get(name) ?? field }
  })
}

const nameOf = (kind: Kind, entity: Entity): Fields =>
  kind.name === 'plugins' ? { name: entity['name']! } : {}

function normal(kind: Kind, fields: Fields): Entity {
  const entity = fields as Entity
  if (kind.name === 'targets') {
    return { ...entity, target: normalTarget(entity['target'] as string) }
  }
  if (kind.name === 'ca_certificates') {
    const { raw } = new X509Certificate(entity['cert'] as string)
    return { ...entity, cert_digest: createHash('sha256').update(raw).digest('hex') }
  }
  return entity
}

/** Texts of a form as the types that their fields have. */
export function fromForm(kind: Kind, form: Fields): Fields {
  const known = new Map<string, Field>(kind.fields.map(unpack))
  return Object.fromEntries(
    Object.entries(form).map(([name, value]) => [name, inferred(known.get(name), value)]),
  )
}

function inferred(field: Field | undefined, value: Json): Json {
  if (field?.type === 'array' || field?.type === 'set')
    return (Array.isArray(value) ? value : [value]).map((item) => inferred(field.elements, item))
  if (typeof value !== 'string') return value
  if ((field?.type === 'integer' || field?.type === 'number') && /^-?[\d.]+$/.test(value))
    return Number(value)
  if (field?.type === 'boolean' && /^(true|false)$/.test(value)) return value === 'true'
  return value
}
