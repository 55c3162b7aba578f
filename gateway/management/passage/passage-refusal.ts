import type { ErrorCode } from '../../contract/errors.ts'
import { PlatformRefusal } from '../../contract/lifecycle.ts'
import { Rejection } from '../../contract/rejection.ts'
import { describe } from '../../transport/upstream-failure.ts'

const CODES: Readonly<Record<string, ErrorCode>> = {
  UND_ERR_HEADERS_TIMEOUT: 'GW_TIMEOUT',
  UND_ERR_ABORTED: 'GW_TIMEOUT',
  UND_ERR_CONNECT_TIMEOUT: 'GW_BACKEND_UNREACHABLE',
  ECONNREFUSED: 'GW_BACKEND_UNREACHABLE',
  ENOTFOUND: 'GW_BACKEND_UNREACHABLE',
  EAI_AGAIN: 'GW_BACKEND_UNREACHABLE',
  EHOSTUNREACH: 'GW_BACKEND_UNREACHABLE',
  ENETUNREACH: 'GW_BACKEND_UNREACHABLE',
  ECONNRESET: 'GW_BACKEND_RESET',
  UND_ERR_SOCKET: 'GW_BACKEND_RESET',
}

/** Errors of TLS: nothing was sent. */
const TLS = /^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_|ERR_SSL_)/

/** Why a request did not get an answer of the platform. */
export function passageRefusal(error: unknown): Rejection {
  const cause = rootOf(error)
  if (cause instanceof PlatformRefusal)
    return new Rejection(cause.kind === 'denied' ? 'GW_BACKEND_DENIED' : 'GW_PLATFORM_FAILED', cause.message)
  const { code, name } = cause as { code?: unknown; name?: string }
  const text = typeof code === 'string' ? code : ''
  if (name === 'HTTPParserError') return new Rejection('GW_BACKEND_MALFORMED', describe(cause))
  const known = TLS.test(text) ? 'GW_BACKEND_UNREACHABLE' : CODES[text]
  return new Rejection(known ?? 'GW_BACKEND_FAILED', describe(cause))
}

/** What @fastify/reply-from wraps in errors of its own. */
function rootOf(error: unknown): unknown {
  let root = error
  while (root instanceof Error && root.cause instanceof Error) root = root.cause
  return root
}
