import { isIP, isIPv6 } from 'node:net'
import type { SocketAddress } from '../../contract/option-types.ts'
import { quote } from '../mistakes.ts'
import type { Parsed } from './form.ts'

export const ADDRESS_EXPECTED = '"host:port", "[::1]:port", or ":port" for every address of the machine'

/** `host:port` to listen on. `:port` is the host `::`, which takes IPv4 as well. */
export function parseAddress(text: string): Parsed<SocketAddress> {
  const match = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(text)
  const port = Number(match?.[2])
  if (match === null || port > 65535) return refusal(text)
  const written = match[1]!
  if (written === '') return { value: { host: '::', port } }
  if (written.startsWith('[')) {
    const host = written.slice(1, -1)
    return isIPv6(host) ? { value: { host, port } } : refusal(text)
  }
  return isIP(written) === 4 || isHostName(written)
    ? { value: { host: written.toLowerCase(), port } }
    : refusal(text)
}

/** A DNS name (RFC 1123, 2.1) that cannot be taken for an IPv4 address. */
export function isHostName(text: string): boolean {
  if (text.length > 253 || /(^|\.)\d+$/.test(text)) return false
  return text.split('.').every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(label))
}

/** Whether only this machine can reach a listener on the host. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '')
  if (isIP(bare) === 4) return bare.startsWith('127.')
  return bare === '::1' || bare === '0:0:0:0:0:0:0:1' || bare.toLowerCase() === 'localhost'
}

function refusal(text: string): Parsed<SocketAddress> {
  return { message: `${quote(text)} is not an address`, expected: ADDRESS_EXPECTED, suggestion: meant(text) }
}

function meant(text: string): string | null {
  const bare = text
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/.*$/, '')
  if (/^\d{1,5}$/.test(bare)) return `127.0.0.1:${bare}`
  if (isIPv6(bare)) return `[${bare}]:8080`
  if (isIP(bare) === 4 || isHostName(bare)) return `${bare}:8080`
  const everywhere = /^\*:(\d{1,5})$/.exec(bare)
  if (everywhere !== null) return `:${everywhere[1]}`
  return bare !== text && !('message' in parseAddress(bare)) ? bare : null
}
