import type { FastifyRequest } from 'fastify'
import { Rejection } from '../contract/rejection.ts'
import { createAuthorityGuard } from './authority-guard.ts'
import { createTokenGuard } from './token-guard.ts'

/** What anybody may ask who reaches the port. Everything else needs the token, also what is added later. */
const OPEN = new Set(['/metrics', '/healthz', '/readyz'])

const BAD_TARGET = new Rejection('GW_BAD_TARGET', 'Send a path.')
/** Node keeps the first or joins them: which one counts must not be a matter of taste. */
const SINGLE = new Set(['authorization', 'host', 'content-type', 'content-encoding'])
const REPEATED = new Rejection('GW_BAD_HEADER', `Send at most one of each: ${[...SINGLE].join(', ')}.`)

/** What stands before every request, known or not: null lets it pass. */
export function createGuard(
  token: string,
  names: readonly string[],
): (request: FastifyRequest) => Rejection | null {
  const checkAuthority = createAuthorityGuard(names)
  const checkToken = createTokenGuard(token)
  return (request) => {
    if (request.raw.url?.[0] !== '/') return BAD_TARGET
    if (repeats(request.raw.rawHeaders)) return REPEATED
    return (
      checkAuthority(request.headers.host) ??
      (isOpen(request) ? null : checkToken(request.headers.authorization))
    )
  }
}

/** By the pattern that matched, not by the target: a target can be written in many ways. */
function isOpen(request: FastifyRequest): boolean {
  if (request.is404) return !request.raw.url!.startsWith('/v1')
  return OPEN.has(request.routeOptions.url ?? '')
}

function repeats(rawHeaders: readonly string[]): boolean {
  const seen = new Set<string>()
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    if (!SINGLE.has(name)) continue
    if (seen.has(name)) return true
    seen.add(name)
  }
  return false
}
