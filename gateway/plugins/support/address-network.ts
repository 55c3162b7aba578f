import { parseAddress } from './address.ts'

const WORDS = new Uint32Array(4)

/**
 * What one subscriber holds: an IPv4 address, or a network of IPv6 with 64 bits, because whoever has one address of
 * such a network has all of them (RFC 6177). IPv4-mapped addresses are IPv4. Any other text stands for itself.
 *
 * @returns A text that is the same for all addresses of the network; not made for reading.
 */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const family = parseAddress(address, WORDS)
  if (family === 0) return address
  if (family === 4) return dotted(WORDS[3]!)
  const first = WORDS[0]!
  const second = WORDS[1]!
  return String.fromCharCode(first >>> 16, first & 0xffff, second >>> 16, second & 0xffff)
}

function dotted(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`
}
