import type { FastifyReply } from 'fastify'
import type { ErrorCode } from '../contract/errors.ts'
import { Rejection } from '../contract/rejection.ts'
import { PROBLEM_TYPE, problemBody } from '../observe/problem.ts'

/** Sends the problem document of a refusal, as the data plane would. */
export function sendRejection(reply: FastifyReply, refusal: Rejection): FastifyReply {
  const { headers } = refusal
  for (let i = 0; i < headers.length; i += 2) reply.header(headers[i]!, headers[i + 1]!)
  return send(reply, refusal.code, refusal.status, bodyOf(reply, refusal.code, refusal.detail))
}

/** Sends the problem document of a code. */
export function sendProblem(reply: FastifyReply, code: ErrorCode, detail = ''): FastifyReply {
  return sendRejection(reply, new Rejection(code, detail))
}

/** The problem document of a refusal, for where it is but a part of the answer. */
export function problemOf(reply: FastifyReply, { code, detail }: Rejection): object {
  return JSON.parse(bodyOf(reply, code, detail))
}

/** A configuration that was refused: the problem document with a member `mistakes` (RFC 9457, section 3.2). */
export function sendMistakes(reply: FastifyReply, mistakes: readonly string[]): FastifyReply {
  const body = { ...JSON.parse(bodyOf(reply, 'GW_CONFIG_INVALID', '')), status: UNPROCESSABLE, mistakes }
  return send(reply, 'GW_CONFIG_INVALID', UNPROCESSABLE, JSON.stringify(body))
}

/** The code has no status of its own, because callers of functions never meet it. */
const UNPROCESSABLE = 422

function bodyOf(reply: FastifyReply, code: ErrorCode, detail: string): string {
  return problemBody(code, { detail, requestId: reply.request.id, attempts: 0 })
}

function send(reply: FastifyReply, code: ErrorCode, status: number, body: string): FastifyReply {
  return (
    reply
      .code(status)
      .headers({ 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store', 'dispatch-error': code })
      .header('x-request-id', reply.request.id)
      // As bytes, because Fastify would add a charset to a text, which this media type does not have.
      .send(Buffer.from(body))
  )
}
