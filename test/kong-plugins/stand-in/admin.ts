import { type Dao, fromForm, kindOf } from './dao.ts'
import { KINDS, type Kind } from './entities.ts'
import { type Fields, type Json, unpack } from './field.ts'
import { pageOf, pageOfTargets, taggedWith } from './pages.ts'
import { methodNotAllowed, notFound, patchedNothing, Refusal, schemaViolation } from './refusals.ts'
import type { Entity } from './tables.ts'
import { isRecord, isUuid } from './validate.ts'

/** A request to the Admin API, its body read. */
export interface AdminRequest {
  readonly method: string
  /** Parts of the path, percent-encoding undone. */
  readonly segments: readonly string[]
  readonly query: URLSearchParams
  readonly body: Json
  /** Whether the values of the body are texts whose types have to be guessed. */
  readonly form: boolean
}

export interface AdminAnswer {
  readonly status: number
  readonly body: Json
}

/** Collections that stand at the top of the Admin API, by their path. */
const COLLECTIONS = new Map(
  KINDS.filter(({ name }) => name !== 'targets').map((kind) => [kind.path ?? kind.name, kind]),
)

/** Collections below an entity, by the name of its kind and their part of the path. */
const NESTED = new Map(
  KINDS.flatMap((kind) =>
    kind.fields
      .map(unpack)
      .filter(([, field]) => field.type === 'foreign')
      .map(
        ([field, { reference }]) =>
          [`${reference}/${kind.nestedPath ?? kind.path ?? kind.name}`, { kind, field }] as const,
      ),
  ),
)

/** The kind of what a path of the Admin API is about; null when it is about none. */
export function collectionAt(segments: readonly string[]): Kind | null {
  const top = COLLECTIONS.get(segments[0] ?? '')
  if (!top || segments.length < 3) return top ?? null
  return NESTED.get(`${top.name}/${segments[2]}`)?.kind ?? top
}

/** What a Kong with a database answers about its entities. @throws Refusal */
export function answerAboutEntities(dao: Dao, request: AdminRequest): AdminAnswer {
  const [collection = '', key, below, nestedKey, ...more] = request.segments
  const kind = COLLECTIONS.get(collection)
  if (!kind || more.length > 1) throw notFound()
  if (key === undefined || key === '') return answerAboutAll(dao, kind, request, null)
  if (below === undefined) return answerAboutOne(dao, kind, key, request, null)
  const reference = kind.fields
    .map(unpack)
    .find(([name, field]) => name === below && field.type === 'foreign')
  if (reference && nestedKey === undefined)
    return answerAboutParent(dao, kind, key, below, reference[1].reference!)
  const nested = NESTED.get(`${kind.name}/${below}`)
  if (kind.name === 'upstreams' && below === 'health' && nestedKey === undefined)
    return health(dao, kind, key, request)
  if (!nested) throw notFound()
  const parent = find(dao, kind, key)
  if (!parent) throw notFound()
  const scope: Scope = { parent, kind, field: nested.field, path: `/${collection}/${key}/${below}` }
  if (nested.kind.name === 'targets' && nestedKey !== undefined)
    return answerAboutTarget(dao, nested.kind, scope, nestedKey, more[0], request)
  if (nestedKey === undefined) return answerAboutAll(dao, nested.kind, request, scope)
  return answerAboutOne(dao, nested.kind, nestedKey, request, scope)
}

/** The entity below which a path goes. */
interface Scope {
  readonly parent: Entity
  readonly kind: Kind
  readonly field: string
  readonly path: string
}

function find(dao: Dao, kind: Kind, key: string): Entity | undefined {
  if (kind.name !== 'certificates' || isUuid(key)) return dao.find(kind, key)
  const sni = dao.tables.find(kindOf('snis'), 'name', key)
  return sni && dao.tables.get(kind, (sni['certificate'] as { id: string }).id)
}

function given(kind: Kind, { body, form }: AdminRequest): Fields {
  const fields = isRecord(body) ? body : {}
  return form ? fromForm(kind, fields) : fields
}

function answerAboutAll(dao: Dao, kind: Kind, request: AdminRequest, scope: Scope | null): AdminAnswer {
  switch (request.method) {
    case 'OPTIONS':
      return { status: 204, body: null }
    case 'POST': {
      const fields = given(kind, request)
      if (scope) fields[scope.field] = { id: scope.parent.id }
      return { status: 201, body: dao.show(kind, dao.insert(kind, fields)) }
    }
    case 'GET':
    case 'HEAD': {
      const path = scope?.path ?? `/${kind.path ?? kind.name}`
      const rows = scope
        ? dao.tables.pointingAt(kind, scope.field, scope.parent.id)
        : listed(dao, kind, request.query)
      const page =
        kind.name === 'targets'
          ? pageOfTargets(rows, path, request.query)
          : pageOf(rows, path, request.query, scope !== null)
      return { status: 200, body: { ...page, data: page.data.map((row) => dao.show(kind, row)) } }
    }
    default:
      throw methodNotAllowed()
  }
}

function listed(dao: Dao, kind: Kind, query: URLSearchParams): Entity[] {
  const customId = kind.name === 'consumers' ? query.get('custom_id') : null
  if (customId !== null) {
    const found = dao.tables.find(kind, 'custom_id', customId)
    return found ? [found] : []
  }
  return taggedWith(dao.tables.all(kind), query.get('tags'))
}

function answerAboutOne(
  dao: Dao,
  kind: Kind,
  key: string,
  request: AdminRequest,
  scope: Scope | null,
): AdminAnswer {
  const found = find(dao, kind, key)
  const here =
    found && (!scope || (found[scope.field] as Fields | null)?.['id'] === scope.parent.id) ? found : undefined
  const fields = given(kind, request)
  if (scope && request.method === 'PUT') fields[scope.field] = { id: scope.parent.id }
  switch (request.method) {
    case 'OPTIONS':
      return { status: 204, body: null }
    case 'GET':
    case 'HEAD':
      if (!here && kind.name === 'certificates' && !isUuid(key))
        throw new Refusal(404, { message: 'SNI not found' })
      if (!here) throw notFound()
      return { status: 200, body: dao.show(kind, here) }
    case 'PUT':
      return {
        status: 200,
        body: dao.show(kind, dao.upsert(kind, found?.id ?? key, withKey(kind, found, key, fields))),
      }
    case 'PATCH':
      if (!here && kind.name === 'plugins') throw notFound()
      if (!here) throw patchedNothing({ [isUuid(key) ? 'id' : kind.endpointKey!]: key })
      return { status: 200, body: dao.show(kind, dao.patch(kind, here, fields)) }
    case 'DELETE':
      if (here) dao.remove(kind, here)
      return { status: 204, body: null }
    default:
      throw methodNotAllowed()
  }
}

/** The key in the path wins over what the body says. */
function withKey(kind: Kind, found: Entity | undefined, key: string, fields: Fields): Fields {
  return found && !isUuid(key) && kind.endpointKey !== null ? { ...fields, [kind.endpointKey]: key } : fields
}

function answerAboutParent(dao: Dao, kind: Kind, key: string, field: string, to: string): AdminAnswer {
  const id = (dao.find(kind, key)?.[field] as Fields | null | undefined)?.['id']
  const parent = typeof id === 'string' ? dao.tables.get(kindOf(to), id) : undefined
  if (!parent) throw notFound()
  return { status: 200, body: dao.show(kindOf(to), parent) }
}

/** Targets differ: PUT changes and never creates, and to delete one that is absent is 404. */
function answerAboutTarget(
  dao: Dao,
  kind: Kind,
  { parent, path }: Scope,
  key: string,
  action: string | undefined,
  request: AdminRequest,
): AdminAnswer {
  const siblings = dao.tables.pointingAt(kind, 'upstream', parent.id)
  if (key === 'all' && request.method === 'GET')
    return { status: 200, body: { ...pageOf(siblings, `${path}/all`, request.query, true) } }
  const found = siblings.find((target) => (isUuid(key) ? target.id === key : target['target'] === key))
  if (action !== undefined) {
    if (request.method !== 'PUT') throw methodNotAllowed()
    throw new Refusal(400, { message: `Upstream ${parent['name']} has no balancer` })
  }
  if (request.method === 'OPTIONS') return { status: 204, body: null }
  if (!['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'].includes(request.method)) throw methodNotAllowed()
  if (!found) throw notFound()
  if (request.method === 'DELETE') {
    dao.remove(kind, found)
    return { status: 204, body: null }
  }
  const changed =
    request.method === 'GET' || request.method === 'HEAD'
      ? found
      : dao.patch(kind, found, given(kind, request))
  return { status: 200, body: changed }
}

function health(dao: Dao, kind: Kind, key: string, { query }: AdminRequest): AdminAnswer {
  const upstream = dao.find(kind, key)
  if (!upstream) throw notFound()
  const node = { node_id: '094fe487-dfaa-4f6b-9856-b89b86fb6add', next: null }
  // No worker has built a balancer.
  if (query.get('balancer_health') === '1') return { status: 200, body: node }
  const data = dao.tables.pointingAt(kindOf('targets'), 'upstream', upstream.id)
  return { status: 200, body: { ...node, data } }
}

/** `/schemas/…`: what the entities are like, and whether one would be taken. */
export function answerAboutSchemas(dao: Dao, request: AdminRequest): AdminAnswer {
  const [, name = '', second, third] = request.segments
  if (name === 'plugins' && second !== undefined && second !== 'validate') {
    const schema = dao.plugins[second]
    if (!schema) throw new Refusal(404, { message: `No plugin named '${second}'` })
    return { status: 200, body: schema as unknown as Json }
  }
  const kind = KINDS.find((each) => each.name === name)
  if (!kind || third !== undefined) throw new Refusal(404, { message: `No entity named '${name}'` })
  if (second === undefined)
    return {
      status: 200,
      body: { fields: kind.fields, entity_checks: kind.entity_checks } as unknown as Json,
    }
  if (second !== 'validate' || request.method !== 'POST') throw methodNotAllowed()
  try {
    dao.prepare(kind, given(kind, request))
  } catch (error) {
    if (error instanceof Refusal && error.body['code'] === 13)
      throw schemaViolation({ service: 'missing primary key' })
    throw error
  }
  return { status: 200, body: { message: 'schema validation successful' } }
}

/** `/tags` and `/tags/{tag}`. */
export function answerAboutTags(dao: Dao, request: AdminRequest): AdminAnswer {
  const [, wanted] = request.segments
  const data = KINDS.flatMap((kind) =>
    dao.tables
      .all(kind)
      .flatMap((entity) =>
        ((entity['tags'] ?? []) as string[])
          .filter((tag) => wanted === undefined || tag === wanted)
          .map((tag) => ({ tag, entity_name: kind.name, entity_id: entity.id })),
      ),
  )
  return { status: 200, body: { data, next: null } }
}
