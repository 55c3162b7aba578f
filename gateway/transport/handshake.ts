import { createHash, randomBytes } from 'node:crypto'
import type { HeaderList } from '../contract/headers.ts'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** A `Sec-WebSocket-Key` that nobody has used before (RFC 6455, 4.1). */
export function newKey(): string {
  return randomBytes(16).toString('base64')
}

/** The `Sec-WebSocket-Accept` that proves that a server has read this key (RFC 6455, 4.2.2). */
export function acceptFor(key: string): string {
  return createHash('sha1')
    .update(key + GUID)
    .digest('base64')
}

/** Names in a `Sec-WebSocket-Protocol`, or null where it is not a list of different tokens (RFC 6455, 4.1). */
export function protocolsOf(value: string): readonly string[] | null {
  const names = value.split(',').map((name) => name.trim())
  return names.every((name) => TOKEN.test(name)) && new Set(names).size === names.length ? names : null
}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/**
 * What is wrong with an answer of 101 to a handshake without extensions (RFC 6455, 4.1), or null.
 *
 * @param key The one that was sent.
 * @param offered The subprotocols that were offered.
 */
export function faultOfAnswer(headers: HeaderList, key: string, offered: readonly string[]): string | null {
  const upgrade = headers.all('upgrade')
  if (upgrade.length !== 1 || upgrade[0]!.toLowerCase() !== 'websocket')
    return 'the answer upgrades to something else'
  const accept = headers.all('sec-websocket-accept')
  if (accept.length !== 1 || accept[0] !== acceptFor(key)) return 'Sec-WebSocket-Accept is wrong'
  if (headers.has('sec-websocket-extensions')) return 'an extension that nobody offered'
  const chosen = headers.all('sec-websocket-protocol')
  if (chosen.length > 1 || (chosen.length === 1 && !offered.includes(chosen[0]!)))
    return 'a subprotocol that nobody offered'
  return null
}
