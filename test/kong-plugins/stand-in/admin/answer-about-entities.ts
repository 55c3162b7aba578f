import { type Dao, kindOf } from '../dao.ts'
import { type Fields, unpack } from '../field.ts'
import type { Kind } from '../kind.ts'
import { pageOf, pageOfTargets, taggedWith } from '../pages.ts'
import { methodNotAllowed, notFound, patchedNothing, Refusal } from '../refusals.ts'
import type { Entity } from '../tables.ts'
import { isUuid } from '../validate.ts'
import { type AdminAnswer, type AdminRequest, given } from './admin-request.ts'
import { answerAboutHealth, answerAboutTarget } from './answer-about-targets.ts'
import { COLLECTIONS, NESTED, type Scope } from './collections.ts'

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
    return answerAboutHealth(dao, kind, key, request)
  if (!nested) throw notFound()
  const parent = find(dao, kind, key)
  if (!parent) throw notFound()
  const scope: Scope = { parent, kind, field: nested.field, path: `/${collection}/${key}/${below}` }
  if (nested.kind.name === 'targets' && nestedKey !== undefined)
    return answerAboutTarget(dao, nested.kind, scope, nestedKey, more[0], request)
  if (nestedKey === undefined) return answerAboutAll(dao, nested.kind, request, scope)
  return answerAboutOne(dao, nested.kind, nestedKey, request, scope)
}

function find(dao: Dao, kind: Kind, key: string): Entity | undefined {
  if (kind.name !== 'certificates' || isUuid(key)) return dao.find(kind, key)
  const sni = dao.tables.find(kindOf('snis'), 'name', key)
  return sni && dao.tables.get(kind, (sni['certificate'] as { id: string }).id)
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
