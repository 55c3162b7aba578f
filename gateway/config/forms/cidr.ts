import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { quote } from '../mistakes.ts'
import type { Parsed } from './form.ts'

export const CIDR_EXPECTED = 'a network such as 10.0.0.0/8 or 2001:db8::/32, or one address'

/** A network as `address/bits`, host bits cleared. IPv6 in its shortest form. */
export function parseCidr(text: string): Parsed<string> {
  const match = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text)
  // ipaddr.js alone takes `10` and `0x7f.1` for addresses.
  const family = match === null ? 0 : isIP(match[1]!)
  const size = family === 6 ? 128 : 32
  const bits = match?.[2] === undefined ? size : Number(match[2])
  if (match === null || family === 0 || match[1]!.includes('%') || bits > size) {
    return { message: `${quote(text)} is not a network`, expected: CIDR_EXPECTED }
  }
  const written = `${match[1]}/${bits}`
  const network =
    family === 6 ? ipaddr.IPv6.networkAddressFromCIDR(written) : ipaddr.IPv4.networkAddressFromCIDR(written)
  return { value: `${network.toString()}/${bits}` }
}
