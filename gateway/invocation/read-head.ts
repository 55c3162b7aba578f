import { Rejection, type Reply } from '../contract/rejection.ts'
import { HintMistake } from '../placement/hint.ts'
import { hintOf } from '../placement/known-hints.ts'
import type { ActiveCall } from './active-call.ts'
import { connectionNames } from './header-rules.ts'
import { parseHost } from './host.ts'
import { sentName } from './known-names.ts'
import { writeOwnFields } from './own-fields.ts'
import { readTarget } from './read-target.ts'
import { isRequestId, newRequestId } from './request-id.ts'
import { clearSeen, seen, takeField } from './seen-fields.ts'

const MANY_HOSTS = new Rejection('GW_BAD_HOST', 'More than one Host header.')
const NO_HOST = new Rejection('GW_BAD_HOST', 'The Host header is missing.')
const BAD_HOST = new Rejection(
  'GW_BAD_HOST',
  'The Host header is not a host name or address with an optional port.',
)
const BAD_LENGTH = new Rejection('GW_BAD_REQUEST', 'The length of the body is not clear.')
const TOO_MANY = new Rejection('GW_HEADERS_TOO_LARGE', 'Too many header fields.')
const TOO_LARGE = new Rejection('GW_HEADERS_TOO_LARGE')
const UNDERSCORE = new Rejection(
  'GW_BAD_HEADER',
  'A header name with an underscore reads like one with dashes that only the gateway may send.',
)
const METHOD_UNKNOWN = new Rejection('GW_METHOD_UNKNOWN')
const EXPECTATION = new Rejection('GW_EXPECTATION_FAILED')

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * Reads the head of a request: checks it, and makes the headers that the function will get. Refuses what servers are
 * known to read differently (RFC 9112, sections 2 to 6, and the traps that request smuggling lives on). A connection
 * on which somebody sent a malformed head ends with the answer: what follows is nobody's request.
 */
export function readHead(call: ActiveCall): Rejection | Reply | undefined {
  call.id = newRequestId()
  const { exchange, snapshot } = call
  const trusted = exchange.peerCertified || snapshot.trustedPeers.has(exchange.peerAddress)
  const malformed = readFields(call, trusted) ?? readMethod(call) ?? readHost(call) ?? readFraming(call)
  if (malformed !== undefined) {
    call.exchange.closeAfter()
    return malformed
  }
  const refusal = readTarget(call) ?? readExpectation(call) ?? readHint(call)
  if (refusal === undefined) writeOwnFields(call, trusted)
  return refusal
}

function readFields(call: ActiveCall, trusted: boolean): Rejection | undefined {
  const { limits, trustRequestId } = call.snapshot
  const raw = call.rawHeaders
  clearSeen()
  if (raw.length > limits.headerCount * 2) return TOO_MANY
  const flat = call.requestHeaders.flat
  let bytes = 0
  for (let i = 0; i < raw.length; i += 2) {
    const { name, rule } = sentName(raw[i]!)
    const value = raw[i + 1]!
    bytes += name.length + value.length + 4
    switch (rule) {
      case undefined:
        flat.push(name, value)
        break
      case 'refuse':
        return UNDERSCORE
      case 'take':
        takeField(call, name, value)
        break
      case 'note':
        takeField(call, name, value)
        flat.push(name, value)
        break
      case 'vouch':
        if (trusted) flat.push(name, value)
    }
  }
  if (bytes > limits.headBytes) return TOO_LARGE
  if (seen.connection !== '') dropNamed(call)
  if (trustRequestId && isRequestId(seen.requestId)) call.id = seen.requestId
  return undefined
}

/** Fields that the client's Connection header names belong to its connection (RFC 9110, 7.6.1). Ours come later. */
function dropNamed(call: ActiveCall): void {
  const named = connectionNames(seen.connection)
  if (named.size === 0) return
  call.requestHeaders.removeAll(named)
  if (named.has('idempotency-key')) call.hasIdempotencyKey = false
}

function readMethod(call: ActiveCall): Rejection | undefined {
  return METHODS.has(call.method) ? undefined : METHOD_UNKNOWN
}

function readHost(call: ActiveCall): Rejection | undefined {
  if (seen.hosts > 1) return MANY_HOSTS
  if (seen.hosts === 0) return call.exchange.httpMinor > 0 ? NO_HOST : undefined
  const host = parseHost(seen.host)
  if (host === null) return BAD_HOST
  call.host = host
  call.authority = seen.host
  return undefined
}

const DIGITS = /^[0-9]{1,15}$/

/** At most one length or one `chunked`, never both (RFC 9112, 6.3). */
function readFraming(call: ActiveCall): Rejection | undefined {
  if (seen.lengths + seen.encodings > 1) return BAD_LENGTH
  if (seen.lengths === 1) {
    if (!DIGITS.test(seen.length)) return BAD_LENGTH
    call.bodyLength = Number(seen.length)
  } else if (seen.encodings === 1) {
    if (call.exchange.httpMinor === 0 || seen.encoding.trim().toLowerCase() !== 'chunked') return BAD_LENGTH
    call.bodyLength = -1
  }
  return undefined
}

/** A client of HTTP/1.0 cannot expect anything (RFC 9110, 10.1.1). */
function readExpectation(call: ActiveCall): Rejection | undefined {
  if (seen.expect === '' || call.exchange.httpMinor === 0) return undefined
  return seen.expect.toLowerCase() === '100-continue' ? undefined : EXPECTATION
}

function readHint(call: ActiveCall): Rejection | undefined {
  if (seen.hint === '') return undefined
  const hint = hintOf(seen.hint)
  if (hint instanceof HintMistake) return new Rejection('GW_BAD_HINT', hint.detail)
  call.hint = hint
  return undefined
}
