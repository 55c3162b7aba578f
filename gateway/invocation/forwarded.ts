import { isIP } from 'node:net'

/**
 * The one address that a trusted proxy appended to X-Forwarded-For: the last entry of the last field. What stands
 * before it was sent by somebody we do not know. Null when it is not an address.
 */
export function forwardedAddress(value: string): string | null {
  if (value === '') return null
  const entry = value.slice(value.lastIndexOf(',') + 1).trim()
  const address = withoutPort(entry)
  // The zone of a link-local address means something on the proxy only.
  if (isIP(address) === 0 || address.includes('%')) return null
  return address.toLowerCase().startsWith('::ffff:') && isIP(address.slice(7)) === 4
    ? address.slice(7)
    : address
}

function withoutPort(entry: string): string {
  if (entry.startsWith('[')) return /^\[([^\]]*)\](?::\d{1,5})?$/.exec(entry)?.[1] ?? ''
  const colon = entry.indexOf(':')
  return colon > 0 && colon === entry.lastIndexOf(':') ? entry.slice(0, colon) : entry
}

/** A port number as text, or null. */
export function forwardedPort(value: string): string | null {
  return /^[0-9]{1,5}$/.test(value) && Number(value) <= 65_535 ? value : null
}

const COLON = 0x3a
const DIGIT_0 = 0x30

/** Port of an authority, or the one that its scheme implies. */
export function portOf(authority: string, secure: boolean): string {
  let at = authority.length
  while (at > 0 && isDigit(authority.charCodeAt(at - 1))) at--
  if (at > 1 && authority.charCodeAt(at - 1) === COLON) return authority.slice(at)
  return secure ? '443' : '80'
}

function isDigit(character: number): boolean {
  return character >= DIGIT_0 && character < COLON
}
