import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorCode } from '../contract/errors.ts'
import type { Log } from '../contract/plugin.ts'
import { sendProblem } from './send-problem.ts'

/** Methods of the paths that exist, for 405. */
const ALLOWED: Readonly<Record<string, string>> = {
  '/metrics': 'GET, HEAD',
  '/healthz': 'GET, HEAD',
  '/readyz': 'GET, HEAD',
  '/v1/status': 'GET, HEAD',
  '/v1/functions': 'GET, HEAD',
  '/v1/reload': 'POST',
}

/** A path or a method that there is not. */
export function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const path = request.raw.url!.split('?', 1)[0]!
  const allow = Object.hasOwn(ALLOWED, path) ? ALLOWED[path] : undefined
  if (allow === undefined) return sendProblem(reply, 'GW_NO_ROUTE')
  return sendProblem(reply.header('allow', allow), 'GW_METHOD_NOT_ALLOWED')
}

/** What Fastify found wrong with a request, or what broke: the caller learns what it did, never what we did. */
export function answerError(
  log: Log,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const code =
    CODES[error.code] ?? (error.statusCode !== undefined && error.statusCode < 500 ? 'GW_BAD_REQUEST' : null)
  if (code !== null) return sendProblem(reply, code, error.validation === undefined ? '' : error.message)
  log.error({ id: request.id, err: error }, 'the management API failed')
  return sendProblem(reply, 'GW_INTERNAL')
}

/** Codes of Fastify, other than those that mean a bad request. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'GW_UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_BODY_TOO_LARGE: 'GW_BODY_TOO_LARGE',
  FST_ERR_BAD_URL: 'GW_BAD_TARGET',
}
