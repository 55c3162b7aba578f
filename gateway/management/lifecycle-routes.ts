import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { LogsWanted } from '../contract/lifecycle.ts'
import { Rejection } from '../contract/rejection.ts'
import { DEPLOY_BODY, MOST_DEPLOY_BYTES, type WrittenOrder, writtenOrder } from './deploy-body.ts'
import type { ManagementHost } from './host.ts'
import type { Change } from './lifecycle-host.ts'
import { progressLines, sendLines } from './line-answer.ts'
import { sendRejection } from './send-problem.ts'
import { whileAsked } from './while-asked.ts'

const FUNCTION = '/v1/organizations/:organization/functions/:function/deployment'

const BACKEND = { backend: { type: 'string' } }
const ONLY_BACKEND = { type: 'object', properties: BACKEND, additionalProperties: false }
const SCALE_BODY = {
  type: 'object',
  required: ['replicas'],
  properties: { replicas: { type: 'integer', minimum: 0, maximum: 100_000 } },
  additionalProperties: false,
}
const NOTHING = { type: ['object', 'null'], additionalProperties: false }
const COUNT = '^\\d{1,9}$'
const LOGS_QUERY = {
  type: 'object',
  properties: {
    ...BACKEND,
    follow: { enum: ['true', 'false'] },
    tail: { type: 'string', pattern: COUNT },
    since: { type: 'string', pattern: '^\\d{1,15}$' },
  },
  additionalProperties: false,
}

type Params = Record<'organization' | 'function', string>
interface Query {
  readonly backend?: string
}
interface LogsQuery extends Query {
  readonly follow?: 'true' | 'false'
  readonly tail?: string
  readonly since?: string
}

/**
 * The functions on the platforms: listed, deployed, scaled, removed, and their logs. What takes its time is told line
 * by line, in JSON; a line with the member `problem` tells of what was refused or failed after the first.
 */
export function addLifecycleRoutes(app: FastifyInstance, { lifecycle }: ManagementHost): void {
  app.get<{ Querystring: Query }>(
    '/v1/functions',
    { schema: { querystring: ONLY_BACKEND } },
    async (request, reply) => {
      const listed = await lifecycle.list(request.query.backend ?? null, whileAsked(reply))
      return listed instanceof Rejection ? sendRejection(reply, listed) : { backends: listed }
    },
  )
  app.put<{ Params: Params; Querystring: Query; Body: WrittenOrder }>(
    FUNCTION,
    { bodyLimit: MOST_DEPLOY_BYTES, schema: { querystring: ONLY_BACKEND, body: DEPLOY_BODY } },
    async (request, reply) => {
      const order = writtenOrder(request.body)
      if (order instanceof Rejection) return sendRejection(reply, order)
      const asked = whileAsked(reply)
      const lines = progressLines((progress) => lifecycle.deploy(changeOf(request), order, progress, asked))
      return sendLines(reply, lines)
    },
  )
  app.delete<{ Params: Params; Querystring: Query }>(
    FUNCTION,
    { schema: { querystring: ONLY_BACKEND, body: NOTHING } },
    async (request, reply) => answer(reply, await lifecycle.remove(changeOf(request), whileAsked(reply))),
  )
  app.post<{ Params: Params; Querystring: Query; Body: { readonly replicas: number } }>(
    `${FUNCTION}/scale`,
    { schema: { querystring: ONLY_BACKEND, body: SCALE_BODY } },
    async (request, reply) => {
      const { replicas } = request.body
      return answer(reply, await lifecycle.scale(changeOf(request), replicas, whileAsked(reply)))
    },
  )
  app.get<{ Params: Params; Querystring: LogsQuery }>(
    `${FUNCTION}/logs`,
    { schema: { querystring: LOGS_QUERY } },
    async (request, reply) =>
      sendLines(reply, lifecycle.logs(changeOf(request), wantedOf(request.query), whileAsked(reply))),
  )
}

function changeOf(request: FastifyRequest<{ Params: Params; Querystring: Query }>): Change {
  const { params, query, id, socket } = request
  return {
    organization: params.organization,
    functionName: params.function,
    backend: query.backend ?? null,
    asker: { address: socket.remoteAddress ?? '', requestId: id },
  }
}

function wantedOf({ follow, tail, since }: LogsQuery): LogsWanted {
  return {
    follow: follow === 'true',
    tail: tail === undefined ? null : Number(tail),
    sinceMs: since === undefined ? null : Number(since),
  }
}

function answer(reply: FastifyReply, result: object | Rejection): FastifyReply {
  return result instanceof Rejection ? sendRejection(reply, result) : reply.send(result)
}
