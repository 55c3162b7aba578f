import { Rejection, Reply } from '../contract/rejection.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import type { ActiveCall } from './active-call.ts'
import { parseHost } from './host.ts'
import { requestPath } from './request-path.ts'

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
  const mark = origin.indexOf('?')
  const query = mark < 0 ? '' : origin.slice(mark)
  if (query !== '' && ODD_QUERY.test(query)) return BAD_TARGET
  const path = requestPath(mark < 0 ? origin : origin.slice(0, mark))
  if (path === null) return BAD_PATH
  call.path = path.path
  call.sentPath = path.sent
  call.delimiterAt = path.delimiterAt
  call.query = query
  return undefined
}
