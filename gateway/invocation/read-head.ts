import { Rejection, type Reply } from '../contract/rejection.ts'
import { propagateTrace } from '../observe/trace-context.ts'
import type { ActiveCall } from './active-call.ts'
import { forwardedAddress, forwardedPort } from './forwarded.ts'
import { collidesWithOurs, connectionNames, DROPPED, ruleFor } from './header-rules.ts'
import { parseHost } from './host.ts'
import { readTarget } from './read-target.ts'
import { isRequestId, newRequestId } from './request-id.ts'

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

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Fields of which the value matters, gathered in one pass. Reused: the pass is synchronous. */
const seen = {
  host: '',
  hosts: 0,
  lengths: 0,
  encodings: 0,
  length: '',
  encoding: '',
  connection: '',
  requestId: '',
  forwardedFor: '',
  forwardedProto: '',
  forwardedPort: '',
}

/**
 * Reads the head of a request: checks it, and makes the headers that the function will get. Refuses what servers are
 * known to read differently (RFC 9112, sections 2 to 6, and the traps that request smuggling lives on).
 */
export function readHead(call: ActiveCall): Rejection | Reply | undefined {
  call.id = newRequestId()
  const refusal = readFields(call)
  if (refusal !== undefined) return refusal
  if (!METHODS.has(call.method)) return METHOD_UNKNOWN
  if (seen.hosts > 1) return MANY_HOSTS
  if (seen.hosts === 0 && call.exchange.httpMinor > 0) return NO_HOST
  const host = seen.hosts === 0 ? '' : parseHost(seen.host)
  if (host === null) return BAD_HOST
  call.host = host
  return readFraming(call) ?? readTarget(call) ?? (writeOwnFields(call), undefined)
}

function readFields(call: ActiveCall): Rejection | undefined {
  const { limits, trustRequestId } = call.snapshot
  const raw = call.rawHeaders
  clear()
  if (raw.length > limits.headerCount * 2) return TOO_MANY
  const flat = call.requestHeaders.flat
  let bytes = 0
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase()
    const value = raw[i + 1]!
    bytes += name.length + value.length + 4
    const rule = ruleFor(name)
    if (rule === undefined) {
      if (!name.includes('_')) flat.push(name, value)
      else if (collidesWithOurs(name)) return UNDERSCORE
      continue
    }
    if (rule === 'read') note(call, name, value)
    if (!DROPPED.has(name) && rule === 'read') flat.push(name, value)
  }
  if (bytes > limits.headBytes) return TOO_LARGE
  if (seen.connection !== '') dropNamed(call)
  if (trustRequestId && isRequestId(seen.requestId)) call.id = seen.requestId
  return undefined
}

function clear(): void {
  seen.host = seen.length = seen.encoding = seen.connection = seen.requestId = ''
  seen.forwardedFor = seen.forwardedProto = seen.forwardedPort = ''
  seen.hosts = seen.lengths = seen.encodings = 0
}

function note(call: ActiveCall, name: string, value: string): void {
  switch (name) {
    case 'host':
      seen.host = value
      seen.hosts++
      break
    case 'content-length':
      seen.length = value
      seen.lengths++
      break
    case 'transfer-encoding':
      seen.encoding = value
      seen.encodings++
      break
    case 'connection':
      seen.connection = seen.connection === '' ? value : `${seen.connection},${value}`
      break
    case 'x-request-id':
      // Two of them name two requests: neither is believed.
      seen.requestId = seen.requestId === '' ? value : '\0'
      break
    case 'x-forwarded-for':
      seen.forwardedFor = value
      break
    case 'x-forwarded-proto':
      seen.forwardedProto = value
      break
    case 'x-forwarded-port':
      seen.forwardedPort = value
      break
    case 'idempotency-key':
      call.hasIdempotencyKey = value !== ''
      break
    case 'dispatch-timing':
      call.wantsTiming = value === '1'
      break
  }
}

/** Fields that the client's Connection header names belong to its connection (RFC 9110, 7.6.1). Ours come later. */
function dropNamed(call: ActiveCall): void {
  if (seen.connection.length <= 10) return
  for (const name of connectionNames(seen.connection)) call.requestHeaders.remove(name)
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

/** What only the gateway says: who calls from where, under which id and in which trace. */
function writeOwnFields(call: ActiveCall): void {
  const { exchange, snapshot, requestHeaders } = call
  let port = exchange.encrypted ? '443' : '80'
  const colon = seen.host.lastIndexOf(':')
  if (colon > 0 && !seen.host.endsWith(']')) port = seen.host.slice(colon + 1)
  if (snapshot.trustedPeers.has(exchange.peerAddress)) {
    call.clientAddress = forwardedAddress(seen.forwardedFor) ?? exchange.peerAddress
    if (seen.forwardedProto === 'https' || seen.forwardedProto === 'http') {
      call.secure = seen.forwardedProto === 'https'
      if (colon <= 0) port = call.secure ? '443' : '80'
    }
    port = forwardedPort(seen.forwardedPort) ?? port
  }
  requestHeaders.flat.push(
    'host',
    seen.host,
    'x-request-id',
    call.id,
    'x-forwarded-for',
    call.clientAddress,
    'x-forwarded-host',
    seen.host,
    'x-forwarded-proto',
    call.secure ? 'https' : 'http',
    'x-forwarded-port',
    port,
  )
  call.traceparent = propagateTrace(requestHeaders)
}
