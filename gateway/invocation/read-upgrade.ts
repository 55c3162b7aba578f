import { Rejection } from '../contract/rejection.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { protocolsOf } from '../transport/handshake.ts'
import type { ActiveCall } from './active-call.ts'
import { parseHost } from './host.ts'
import { requestPath } from './request-path.ts'

const BAD_KEY = new Rejection('GW_BAD_UPGRADE', 'Sec-WebSocket-Key is missing or malformed.')
const BAD_PROTOCOL = new Rejection('GW_BAD_UPGRADE', 'Sec-WebSocket-Protocol is no list of different tokens.')
const BAD_VERSION = new Rejection('GW_UPGRADE_REQUIRED', '', ['sec-websocket-version', '13'])

/** Sixteen bytes in base64 (RFC 6455, 4.1). */
const KEY = /^[+/0-9A-Za-z]{22}==$/

/**
 * True where a request for a WebSocket leads to a Route that allows it. Any other is read as if it had not asked
 * (RFC 9110, 7.8), so this is known before its head is judged; whatever is odd about it is refused there.
 *
 * @param target As sent.
 * @param rawHeaders Names and values in turn.
 */
export function mayUpgrade(target: string, rawHeaders: readonly string[], snapshot: Snapshot): boolean {
  const form = /^(?:https?:\/\/([^/?#]*))?(\/[^?]*)/i.exec(target)
  if (form === null) return false
  const host = parseHost(form[1] ?? fieldOf(rawHeaders, 'host'))
  const path = requestPath(form[2]!)
  if (host === null || path === null) return false
  return snapshot.router.match(host, 'GET', path.path)?.upgrades === true
}

/**
 * Checks the client's side of the handshake and takes it out of what the function gets, but for the subprotocols: the
 * gateway shakes hands with each side by itself, and offers no extension.
 */
export function readUpgrade(call: ActiveCall): Rejection | undefined {
  const { rawHeaders, requestHeaders } = call
  if (fieldOf(rawHeaders, 'sec-websocket-version') !== '13') return BAD_VERSION
  if (!KEY.test(fieldOf(rawHeaders, 'sec-websocket-key'))) return BAD_KEY
  const offered = requestHeaders.all('sec-websocket-protocol').join(', ')
  if (offered !== '' && protocolsOf(offered) === null) return BAD_PROTOCOL
  for (const name of HANDSHAKE) requestHeaders.remove(name)
  if (offered !== '') requestHeaders.add('sec-websocket-protocol', offered)
  return undefined
}

const HANDSHAKE = [
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-extensions',
  'sec-websocket-accept',
  'sec-websocket-protocol',
]

/** Every value of a field, as one. */
function fieldOf(rawHeaders: readonly string[], name: string): string {
  const values: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() === name) values.push(rawHeaders[i + 1]!)
  }
  return values.join(', ')
}
