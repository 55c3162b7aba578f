import { createHash, randomUUID } from 'node:crypto'
import { parse, stringify } from 'yaml'
import type { Generated } from './complete.ts'
import { Dao, kindOf } from './dao.ts'
import type { Kind } from './entities.ts'
import { type Fields, type Json, type Schema, unpack } from './field.ts'
import { pretty, Refusal, sentences } from './refusals.ts'
import type { Entity } from './tables.ts'
import { isRecord, isUuid, type Problem, type Problems } from './validate.ts'

/** Parents before what hangs on them. */
const ORDER = [
  'ca_certificates',
  'certificates',
  'snis',
  'services',
  'upstreams',
  'targets',
  'routes',
  'consumers',
  'keyauth_credentials',
  'jwt_secrets',
  'acls',
  'plugins',
].map(kindOf)

/** An entity as it was written, and where. */
interface Written {
  readonly kind: Kind
  readonly given: Fields
  readonly where: readonly (string | number)[]
  /** Whether its id was made here. */
  readonly generated: boolean
}

/** Declarative configuration in which something is wrong, with all of it. */
class Wrong {
  readonly all: { written: Written | null; where: readonly (string | number)[]; problem: Problem }[] = []

  add(where: readonly (string | number)[], problem: Problem, written: Written | null = null): void {
    this.all.push({ where, problem, written })
  }

  refusal(flattened: boolean): Refusal {
    const fields: Problems = {}
    for (const { where, problem, written } of this.all)
      if (!flattened || !written) place(fields, where, problem)
    return new Refusal(400, {
      message: `declarative config is invalid: ${pretty(fields as Fields)}`,
      fields: fields as Fields,
      ...(flattened
        ? { flattened_errors: this.all.flatMap(({ written, problem }) => flat(written, problem)) }
        : {}),
      name: 'invalid declarative configuration',
      code: 14,
    })
  }
}

/** The hash by which Kong tells one configuration from another: of the bytes, not of what they say. */
export const hashOf = (text: string): string => createHash('md5').update(text).digest('hex')

/**
 * Reads a whole configuration.
 *
 * @throws Refusal With code 14 and everything that is wrong.
 */
export function load(
  source: Json,
  plugins: Readonly<Record<string, Schema>>,
  generated: Generated,
  flattened: boolean,
): { dao: Dao; answer: Fields } {
  const wrong = new Wrong()
  const config = isRecord(source) ? source : {}
  const version = config['_format_version'] ?? null
  if (version === null) wrong.add(['_format_version'], 'required field missing')
  else if (!['1.1', '2.1', '3.0'].includes(String(version)))
    wrong.add(['_format_version'], 'expected one of: 1.1, 2.1, 3.0')
  const known = new Set(['_format_version', '_transform', '_comment', ...ORDER.map(({ name }) => name)])
  for (const name of Object.keys(config)) if (!known.has(name)) wrong.add([name], 'unknown field')
  if (wrong.all.length > 0) throw wrong.refusal(flattened)
  const written = ORDER.flatMap((kind) => collect(kind, config[kind.name], [kind.name], {}))
  if (version !== '3.0')
    for (const { kind, given } of written) if (kind.name === 'routes') upgradePaths(given)
  const dao = new Dao(plugins, generated)
  store(dao, written, wrong)
  if (wrong.all.length > 0) throw wrong.refusal(flattened)
  const filled = ORDER.map((kind) => [kind.name, dao.tables.all(kind)] as const).filter(
    ([, rows]) => rows.length > 0,
  )
  return {
    dao,
    answer: Object.fromEntries(
      filled.map(([name, rows]) => [name, Object.fromEntries(rows.map((row) => [row.id, row]))]),
    ),
  }
}

/** Everything that Kong holds, as its own configuration. */
export function dump(dao: Dao): string {
  const config: Fields = { _transform: false, _format_version: '3.0' }
  for (const kind of ORDER) {
    const rows = dao.tables.all(kind)
    if (rows.length > 0) config[kind.name] = rows.map((row) => withPlainReferences(kind, row))
  }
  return stringify(config)
}

function withPlainReferences(kind: Kind, row: Entity): Fields {
  const plain: Fields = { ...row }
  for (const [name, field] of kind.fields.map(unpack))
    if (field.type === 'foreign' && isRecord(plain[name])) plain[name] = plain[name]['id']!
  return plain
}

/** Reads what may be JSON or YAML. */
export function readText(text: string): Json {
  try {
    return parse(text) as Json
  } catch (error) {
    throw new Refusal(400, {
      message: `declarative config is invalid: {error="failed parsing declarative configuration: ${String(error)}"}`,
      fields: {},
      name: 'invalid declarative configuration',
      code: 14,
    })
  }
}

function collect(kind: Kind, list: Json | undefined, where: (string | number)[], parent: Fields): Written[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((item, i) => {
    const here = [...where, i]
    const own: Fields = isRecord(item) ? { ...parent, ...item } : { ...parent, name: item }
    const below: Written[] = []
    const generated = own['id'] === undefined
    own['id'] ??= generatedId(kind, own)
    for (const child of ORDER) {
      const reference = child.fields
        .map(unpack)
        .find(([, field]) => field.type === 'foreign' && field.reference === kind.name)
      const nested = own[child.name]
      if (!reference || child === kind || !Array.isArray(nested)) continue
      delete own[child.name]
      below.push(...collect(child, nested, [...here, child.name], { [reference[0]]: { id: own['id'] } }))
    }
    return [{ kind, given: own, where: here, generated }, ...below]
  })
}

/** Kong makes the ids of what has a name from the name, so that they stay when the configuration is loaded again. */
function generatedId(kind: Kind, given: Fields): string {
  const key = kind.endpointKey === null || kind.uniqueTogether ? undefined : given[kind.endpointKey]
  if (typeof key !== 'string' || kind.name === 'keyauth_credentials') return randomUUID()
  return uuidV5(uuidV5('fd02801f-0957-4a15-a55a-c8d9606f30b5', kind.name), key)
}

function uuidV5(namespace: string, name: string): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
  hash[6] = (hash[6]! & 0x0f) | 0x50
  hash[8] = (hash[8]! & 0x3f) | 0x80
  const hex = hash.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  )
}

function upgradePaths(given: Fields): void {
  const paths = given['paths']
  if (Array.isArray(paths))
    given['paths'] = paths.map((path) =>
      typeof path === 'string' && /[^A-Za-z0-9.\-_~/%]/.test(path) && !path.startsWith('~')
        ? `~${path}`
        : path,
    )
}

function store(dao: Dao, written: readonly Written[], wrong: Wrong): void {
  const byKey = new Map<string, string>()
  for (const { kind, given } of written) {
    byKey.set(`${kind.name}/${given['id']}`, given['id'] as string)
    const key = kind.endpointKey === null ? undefined : given[kind.endpointKey]
    if (typeof key === 'string') byKey.set(`${kind.name}/${key}`, given['id'] as string)
  }
  const dangling: [Written, string, string, string][] = []
  const entities: [Written, Entity][] = []
  for (const each of written) {
    const given = { ...each.given }
    const unresolved: Problems = {}
    for (const [name, field] of each.kind.fields.map(unpack)) {
      const value = given[name]
      if (field.type !== 'foreign' || value === undefined || value === null) continue
      const key = isRecord(value) ? String(value['id'] ?? value['name'] ?? value['username']) : String(value)
      const id = byKey.get(`${field.reference}/${key}`)
      if (id !== undefined) given[name] = { id }
      else {
        dangling.push([each, name, key, field.reference!])
        unresolved[name] = { id: 'missing primary key' }
        given[name] = { id: isUuid(key) ? key : '00000000-0000-0000-0000-000000000000' }
      }
    }
    try {
      entities.push([each, dao.prepare(each.kind, given)])
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      wrong.add(each.where, { ...unresolved, ...(error.body['fields'] as Problems) }, each)
    }
  }
  if (wrong.all.length > 0) {
    for (const [each, name] of dangling) wrong.add([...each.where, name], { id: 'missing primary key' }, each)
    return
  }
  for (const [each, name, key, to] of dangling) {
    const label = String(each.given[each.kind.endpointKey ?? 'id'] ?? each.given['id'])
    wrong.add([each.kind.name, label], [`invalid reference '${name}: ${key}' (no such entry in '${to}')`])
  }
  if (wrong.all.length === 0) put(dao, entities, wrong)
}

function put(dao: Dao, entities: readonly [Written, Entity][], wrong: Wrong): void {
  const ordered = [...entities].sort(([a], [b]) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))
  for (const [each, entity] of ordered) {
    try {
      dao.tables.insert(each.kind, entity)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const taken = each.generated && kindKey(each) ? kindKey(each)! : (error.body['fields'] as Fields)
      const [field, value] = Object.entries(taken)[0]!
      wrong.add(
        each.where,
        `uniqueness violation: '${each.kind.name}' entity with ${field} set to '${String(value)}' already declared`,
      )
    }
  }
}

function kindKey({ kind, given }: Written): Fields | null {
  const value = kind.endpointKey === null ? undefined : given[kind.endpointKey]
  return value === undefined ? null : { [kind.endpointKey!]: value }
}

function place(fields: Problems, where: readonly (string | number)[], problem: Problem): void {
  let at = fields as Record<string | number, Problem>
  where.slice(0, -1).forEach((key, i) => {
    at[key] ??= typeof where[i + 1] === 'number' ? [] : {}
    at = at[key] as Record<string | number, Problem>
  })
  const last = where.at(-1)!
  at[last] =
    isRecord(at[last] as Json) && isRecord(problem as Json)
      ? { ...(at[last] as Problems), ...(problem as Problems) }
      : problem
  if (Array.isArray(at)) for (let i = 0; i < at.length; i++) at[i] ??= null as unknown as Problem
}

function flat(written: Written | null, problem: Problem): Fields[] {
  if (written === null) return []
  const { kind, given, generated } = written
  const { id, ...rest } = given
  const whole =
    typeof problem === 'string' ? [] : (((problem as Problems)['@entity'] as string[] | undefined) ?? [])
  const own = typeof problem === 'string' ? problem : { ...(problem as Problems) }
  if (typeof own === 'object') delete own['@entity']
  const errors = [
    ...whole.map((message) => ({ type: 'entity', message })),
    ...sentences(own).map((sentence) => {
      const [field = '', ...message] = sentence.split(': ')
      return { type: 'field', field, message: message.join(': ') }
    }),
  ]
  return [
    {
      entity_type: kind.name.replace(/s$/, ''),
      entity: generated ? rest : given,
      ...(typeof given['name'] === 'string' ? { entity_name: given['name'] } : {}),
      ...(generated ? {} : { entity_id: id! }),
      ...(Array.isArray(given['tags']) ? { entity_tags: given['tags'] } : {}),
      errors,
    },
  ]
}
