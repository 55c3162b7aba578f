import { propagateTrace } from '../observe/trace-context.ts'
import type { ActiveCall } from './active-call.ts'
import { forwardedAddress, forwardedPort, portOf } from './forwarded.ts'
import { parseHost } from './host.ts'
import { seen } from './seen-fields.ts'

/**
 * Writes what only the gateway says: who calls from where, under which id and in which trace.
 *
 * @param trusted The peer is a proxy whose own account of the client is believed.
 */
export function writeOwnFields(call: ActiveCall, trusted: boolean): void {
  const { authority, exchange, requestHeaders } = call
  let host = authority
  let port: string | null = null
  if (trusted) {
    call.clientAddress = forwardedAddress(seen.forwardedFor) ?? exchange.peerAddress
    if (seen.forwardedProto === 'https' || seen.forwardedProto === 'http')
      call.secure = seen.forwardedProto === 'https'
    if (seen.forwardedHost !== '' && parseHost(seen.forwardedHost) !== null) host = seen.forwardedHost
    port = forwardedPort(seen.forwardedPort)
    if (seen.zone !== '') call.entryZone = call.snapshot.entryZones.resolve(seen.zone)
    if (seen.assertion !== '') takeAssertion(call)
  }
  const { flat } = requestHeaders
  // A client of HTTP/1.0 may leave it out.
  if (authority !== '') flat.push('host', authority)
  if (host !== '') flat.push('x-forwarded-host', host)
  flat.push(
    'x-request-id',
    call.id,
    'x-forwarded-for',
    call.clientAddress,
    'x-forwarded-proto',
    call.secure ? 'https' : 'http',
    'x-forwarded-port',
    port ?? portOf(host, call.secure),
  )
  call.traceparent = propagateTrace(requestHeaders)
}

/** What the proxy says under its signature wins over what it says without. */
function takeAssertion(call: ActiveCall): void {
  const { assertions, entryZones } = call.snapshot
  if (assertions === null) return
  const asserted = assertions.verify(seen.assertion, call.method, seen.forwardedHost, call.exchange.target)
  call.asserted = asserted
  if (typeof asserted !== 'string' && asserted.zone !== null)
    call.entryZone = entryZones.resolve(asserted.zone)
}
