import { isIPv4, isIPv6 } from 'node:net'

/** Host of a Host header or an absolute target: lower-case, without its port; null when it is not valid. */
export function parseHost(text: string): string | null {
  const known = recent.get(text)
  if (known !== undefined) return known
  const host = parse(text)
  if (host !== null) remember(text, host)
  return host
}

/** A registered name (RFC 3986, 3.2.2) in labels, without escapes, and without the comma that joins two headers. */
const NAME = /^([\w~!$&'()*+;=-]+(?:\.[\w~!$&'()*+;=-]+)*\.?)(?::(\d{1,5}))?$/
const IPV6 = /^(\[[0-9A-Fa-f:.]{2,45}\])(?::(\d{1,5}))?$/
/** Whatever ends in a number is an address (URL Standard, 3.5): `0x7f.1` would be 127.0.0.1 for some readers. */
const NUMBER_LAST = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/
const MAX_LENGTH = 255
const MAX_PORT = 65_535

function parse(text: string): string | null {
  if (text.length > MAX_LENGTH) return null
  const match = NAME.exec(text) ?? IPV6.exec(text)
  if (match === null) return null
  if (match[2] !== undefined && Number(match[2]) > MAX_PORT) return null
  const written = match[1]!.toLowerCase()
  if (written.startsWith('[')) return isIPv6(written.slice(1, -1)) ? written : null
  const host = written.endsWith('.') ? written.slice(0, -1) : written
  return NUMBER_LAST.test(host) && !isIPv4(host) ? null : host
}

/** Hosts repeat: the last few are kept so that a request costs one look-up. Bounded by starting over. */
const recent = new Map<string, string>()
const MAX_RECENT = 1000

function remember(text: string, host: string): void {
  if (recent.size >= MAX_RECENT) recent.clear()
  recent.set(text, host)
}
