import { type Dao, kindOf } from '../dao.ts'
import type { Kind } from '../kind.ts'
import { pageOf } from '../pages.ts'
import { methodNotAllowed, notFound, Refusal } from '../refusals.ts'
import { isUuid } from '../validate.ts'
import { type AdminAnswer, type AdminRequest, given } from './admin-request.ts'
import type { Scope } from './collections.ts'

/** Targets differ: PUT changes and never creates, and to delete one that is absent is 404. */
export function answerAboutTarget(
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

/** `/upstreams/{upstream}/health`. */
export function answerAboutHealth(dao: Dao, kind: Kind, key: string, { query }: AdminRequest): AdminAnswer {
  const upstream = dao.find(kind, key)
  if (!upstream) throw notFound()
  const node = { node_id: '094fe487-dfaa-4f6b-9856-b89b86fb6add', next: null }
  // No worker has built a balancer.
  if (query.get('balancer_health') === '1') return { status: 200, body: node }
  const data = dao.tables.pointingAt(kindOf('targets'), 'upstream', upstream.id)
  const { health } = dao
  return { status: 200, body: { ...node, data: data.map((one) => (health ? { ...one, health } : one)) } }
}
