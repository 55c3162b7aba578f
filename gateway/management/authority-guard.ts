import { isIP } from 'node:net'
import { Rejection } from '../contract/rejection.ts'
import { parseHost } from '../invocation/host.ts'

const BAD_HOST = new Rejection('GW_BAD_HOST')
const NOT_OURS = new Rejection(
  'GW_MISDIRECTED',
  'The management port answers to IP addresses, to localhost and to names that the configuration gives it.',
)

/**
 * Keeps web pages away. A page of another site can have its own name resolve to 127.0.0.1 (DNS rebinding) and then
 * read what this port answers, but cannot choose the Host that its browser sends. Clients without Host (HTTP/1.0) are
 * no browsers.
 *
 * @param names Names of the gateway, with or without a port.
 */
export function createAuthorityGuard(
  names: readonly string[],
): (host: string | undefined) => Rejection | null {
  const ours = new Set(['localhost', ...names.map(parseHost)])
  return (text) => {
    if (text === undefined) return null
    const host = parseHost(text)
    if (host === null) return BAD_HOST
    return isIP(withoutBrackets(host)) !== 0 || ours.has(host) ? null : NOT_OURS
  }
}

/** An IPv6 address stands in brackets in a Host. */
function withoutBrackets(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}
