import { isIP, isIPv6 } from 'node:net'
import { domainToASCII } from 'node:url'
import { quote } from '../mistakes.ts'
import { isHostName } from './address.ts'
import type { Parsed } from './form.ts'

export const HOST_EXPECTED = 'a host name without port such as api.example.com, or "*.example.com"'
export const AUTHORITY_EXPECTED = 'a host, or host and port, such as api.example.com:8443'

/** Host of a route in lower case: a name, an IP address, or `*.` and a name. */
export function parseHostPattern(text: string): Parsed<string> {
  const name = text.startsWith('*.') ? text.slice(2) : text
  if (isHost(name) && (name === text || isHostName(name))) return { value: text.toLowerCase() }
  const expected = text === '*' ? 'no `hosts` at all, for a route of any host' : HOST_EXPECTED
  return { message: `${quote(text)} is not a host`, expected, suggestion: meant(text) }
}

/** Host and optional port of the gateway itself, in lower case. */
export function parseAuthority(text: string): Parsed<string> {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text)
  if (match !== null && isHost(match[1]!) && Number(match[2] ?? 0) <= 65535)
    return { value: text.toLowerCase() }
  return { message: `${quote(text)} is not a host`, expected: AUTHORITY_EXPECTED, suggestion: meant(text) }
}

function isHost(text: string): boolean {
  if (text.startsWith('[')) return text.endsWith(']') && isIPv6(text.slice(1, -1))
  return isIP(text) === 4 || isHostName(text)
}

/** Without scheme, port, path and final dot; other scripts as DNS writes them. */
function meant(text: string): string | null {
  if (isIPv6(text)) return `[${text}]`
  const bare = text
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/[/:].*$/, '')
    .replace(/\.$/, '')
  const wildcard = bare.startsWith('*.') || bare.startsWith('.') ? '*.' : ''
  const name = domainToASCII(bare.replace(/^\*?\./, ''))
  return name !== '' && isHost(name) && `${wildcard}${name}` !== text ? `${wildcard}${name}` : null
}
