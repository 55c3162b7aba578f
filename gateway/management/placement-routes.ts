import type { FastifyInstance, FastifyReply } from 'fastify'
import { isZone, ZONE_EXPECTED } from '../constraints/zone.ts'
import { Rejection } from '../contract/rejection.ts'
import { HintMistake, parseHint } from '../placement/hint.ts'
import type { Caller, ManagementHost } from './host.ts'
import { sendProblem, sendRejection } from './send-problem.ts'

const URL = '/v1/organizations/:organization/functions/:function/placement'

const NAMES = { type: 'array', items: { type: 'string' } }

/** What is not known is refused: it would restrict the answer, and a restriction must not go unheard. */
const QUERY = {
  type: 'object',
  properties: {
    hint: { type: 'string' },
    zone: { type: 'string' },
    as: { type: 'string' },
    role: { anyOf: [{ type: 'string' }, NAMES] },
    scope: { anyOf: [{ type: 'string' }, NAMES] },
  },
  additionalProperties: false,
}

interface Query {
  readonly hint?: string
  readonly zone?: string
  readonly as?: string
  readonly role?: string | readonly string[]
  readonly scope?: string | readonly string[]
}

/**
 * Where a call of a Function would go at this moment, and why: with this `hint`, come in at this `zone`, by a caller of
 * the organization `as` who has each `role` and `scope`.
 */
export function addPlacementRoutes(app: FastifyInstance, host: ManagementHost): void {
  app.get<{ Params: Record<'organization' | 'function', string>; Querystring: Query }>(
    URL,
    { schema: { querystring: QUERY } },
    async ({ params, query }, reply) => {
      const { hint, zone } = query
      const parsed = hint === undefined || hint === '' ? null : parseHint(hint)
      if (parsed instanceof HintMistake) return sendProblem(reply, 'GW_BAD_HINT', parsed.detail)
      if (zone !== undefined && !isZone(zone)) return refuse(reply, `zone must be ${ZONE_EXPECTED}.`)
      const caller = callerOf(query)
      if (caller === null && (query.role ?? query.scope) !== undefined)
        return refuse(reply, 'role and scope are of a caller: say of which organization with as.')
      const explained = host.explain(params.organization, params.function, {
        hint: parsed,
        zone: zone ?? null,
        caller,
      })
      return explained instanceof Rejection ? sendRejection(reply, explained) : explained
    },
  )
}

function callerOf({ as, role, scope }: Query): Caller | null {
  return as === undefined ? null : { organization: as, roles: listed(role), scopes: listed(scope) }
}

function listed(given: string | readonly string[] | undefined): readonly string[] {
  return given === undefined ? [] : typeof given === 'string' ? [given] : given
}

function refuse(reply: FastifyReply, detail: string): FastifyReply {
  return sendProblem(reply, 'GW_BAD_REQUEST', detail)
}
