import { Rejection, Reply } from '../contract/rejection.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { ActiveCall } from './active-call.ts'
import { parseHost } from './host.ts'
import { type RequestPath, requestPath } from './request-path.ts'

const TOO_LONG = new Rejection('GW_TARGET_TOO_LONG')
const BAD_TARGET = new Rejection('GW_BAD_TARGET')
const BAD_PATH = new Rejection(
  'GW_BAD_TARGET',
  'The path is not normalised, or holds an escape that servers read differently.',
)
const MISDIRECTED = new Rejection('GW_MISDIRECTED')
const SERVER_OPTIONS = new Reply(204, ['allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'])

/** Splits and normalises the request target (RFC 9112, section 3.2). It never decides where the gateway connects to. */
export function readTarget(call: ActiveCall): Rejection | Reply | undefined {
  const { target } = call.exchange
  if (target.length > call.snapshot.limits.targetBytes) return TOO_LONG
  if (target === '*') return call.method === 'OPTIONS' ? SERVER_OPTIONS : BAD_TARGET
  let origin = target
  if (target.charCodeAt(0) !== 0x2f) {
    const form = ABSOLUTE.exec(target)
    if (form === null) return BAD_TARGET
    const host = parseHost(form[1]!)
    if (host === null) return BAD_TARGET
    if (!isOwn(call.snapshot, host)) return MISDIRECTED
    // The target wins over the Host header (RFC 9112, 3.2.2).
    call.host = host
    call.authority = form[1]!
    origin = form[2] === '' ? '/' : form[2]!
    if (origin.charCodeAt(0) === 0x3f) origin = `/${origin}`
  }
  return readOrigin(call, origin)
}

/** A Host header that says the same proves nothing: the client wrote both. */
function isOwn(snapshot: Snapshot, host: string): boolean {
  return snapshot.ownHosts.has(host) || snapshot.router.knowsHost(host)
}

/** Scheme and authority, then what follows it. Userinfo makes the authority no host and is refused with it. */
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i

const ODD_QUERY = /[^\x21-\x22\x24-\x7e]/

function readOrigin(call: ActiveCall, origin: string): Rejection | undefined {
  const found = origin === lastOrigin ? last : read(origin)
  if (found instanceof Rejection) return found
  lastOrigin = origin
  last = found
  call.path = found.path
  call.sentPath = found.sent
  call.upstreamPath = found.upstreamPath
  call.delimiterAt = found.delimiterAt
  call.query = found.query
  return undefined
}

interface Origin extends RequestPath {
  /** With its question mark; empty without one. */
  readonly query: string
  /** Path and query for the function, unless the Route rewrites them. */
  readonly upstreamPath: string
}

/** What was asked for last. It often comes again, and what is known of its strings, such as their hashes, with it. */
let lastOrigin = '/'
let last: Origin = { path: '/', sent: '/', delimiterAt: -1, query: '', upstreamPath: '/' }

function read(origin: string): Origin | Rejection {
  const mark = origin.indexOf('?')
  const query = mark < 0 ? '' : origin.slice(mark)
  if (query !== '' && ODD_QUERY.test(query)) return BAD_TARGET
  const written = mark < 0 ? origin : origin.slice(0, mark)
  const path = requestPath(written)
  if (path === null) return BAD_PATH
  // Nearly always what was written: a string that need not be put together.
  const upstreamPath = path.sent === written ? origin : path.sent + query
  return { path: path.path, sent: path.sent, delimiterAt: path.delimiterAt, query, upstreamPath }
}
