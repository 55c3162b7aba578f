import type { FastifyRequest } from 'fastify'
import { Agent } from 'undici'
import { verifiedTls } from '../../contract/certificates.ts'
import { PlatformRefusal } from '../../contract/lifecycle.ts'
import type { PlatformApi } from '../../contract/platform-api.ts'
import { Rejection } from '../../contract/rejection.ts'
import { requestPath } from '../../invocation/request-path.ts'
import { readBody } from './read-body.ts'
import { sentFields } from './sent-fields.ts'

/** A request that goes on to the native API of a platform, ready to be sent. */
export interface Passage {
  readonly backend: string
  readonly api: PlatformApi
  readonly agent: Agent
  readonly method: string
  /** Path below the API's base, as the caller asked for it, without the query. */
  readonly below: string
  /** As it is sent: with the base and the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The body, where it had to be read; null where it goes on as it comes. */
  readonly body: Buffer | null
  readonly signal: AbortSignal
}

const ODD_QUERY = /[^\x21\x22\x24-\x7e]/
const BAD_PATH = new Rejection(
  'GW_BAD_TARGET',
  'The path is not normalised, or holds an escape that servers read differently.',
)
const TOO_LARGE = new Rejection('GW_BODY_TOO_LARGE')
/** The connections of each API; none is kept, so that there is nothing to close. */
const AGENTS = new WeakMap<PlatformApi, Agent>()

/**
 * Makes a request ready: its path stays below the base, its credential is the gateway's.
 *
 * @param target What follows the address of the API in the request's own target, as sent, with its query.
 * @throws PlatformRefusal When there is no credential; Error when it cannot be had.
 */
export async function openPassage(
  request: FastifyRequest,
  backend: string,
  api: PlatformApi,
  target: string,
  signal: AbortSignal,
): Promise<Passage | Rejection> {
  const mark = target.indexOf('?')
  const query = mark < 0 ? '' : target.slice(mark)
  const below = requestPath((mark < 0 ? target : target.slice(0, mark)) || '/')
  if (below === null || ODD_QUERY.test(query)) return BAD_PATH
  const { method } = request
  const path = `${api.base}${below.sent}${query}`
  const fields = sentFields(request.raw.headers, api.identityFields)
  const body = api.signedBodyBytes === 0 ? null : await readBody(request.body, api.signedBodyBytes)
  if (body === undefined) return TOO_LARGE
  const own = await api.authorize({ method, path, headers: fields, body }, signal)
  if (Object.keys(own).some((name) => name !== name.toLowerCase()))
    throw new PlatformRefusal('failed', 'The driver names a header in capital letters.')
  const length = body === null ? request.raw.headers['content-length'] : String(body.length)
  const headers = { ...fields, ...(length !== undefined && { 'content-length': length }), ...own }
  return { backend, api, agent: agentFor(api), method, below: below.sent, path, headers, body, signal }
}

function agentFor(api: PlatformApi): Agent {
  const known = AGENTS.get(api)
  if (known !== undefined) return known
  const { connectTimeoutMs = 3000 } = api.connection
  const connect = { timeout: connectTimeoutMs, ...verifiedTls(api.connection) }
  const agent = new Agent({ pipelining: 0, connect })
  AGENTS.set(api, agent)
  return agent
}
