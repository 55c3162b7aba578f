import { type Family, parseAddress } from './address.ts'

/** Addresses and networks, compiled so that a look-up is one binary search. */
export class AddressSet {
  readonly #ipv4: Networks
  readonly #ipv6: Networks

  /**
   * @param entries Addresses and CIDR networks of both families. IPv4-mapped ones are IPv4; a network of IPv6 that
   *   is wider than the mapped range, such as `::/0`, holds no IPv4 address.
   * @throws Error That names the first entry that is neither.
   */
  constructor(entries: readonly string[]) {
    const networks = entries.map(parseNetwork)
    this.#ipv4 = new Networks(networks.filter(({ family }) => family === 4))
    this.#ipv6 = new Networks(networks.filter(({ family }) => family === 6))
  }

  /** @param words As `parseAddress` gives them, beside the family. */
  has(family: Family, words: Uint32Array): boolean {
    if (family === 4) return this.#ipv4.has(words)
    return family === 6 && this.#ipv6.has(words)
  }
}

interface Network {
  readonly family: Family
  /** First address, in four words. */
  readonly start: Uint32Array
  readonly mask: Uint32Array
}

function parseNetwork(entry: string): Network {
  const [address = '', bits, ...rest] = entry.split('/')
  const words = new Uint32Array(4)
  const family = address.includes('%') ? 0 : parseAddress(address, words)
  const longest = address.includes(':') ? 128 : 32
  const length = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : -1
  const mapped = family === 4 && longest === 128
  if (family === 0 || rest.length > 0 || length < (mapped ? 96 : 0) || length > longest) {
    throw new Error(`"${entry}" is neither an IP address nor a network such as 10.0.0.0/8 or 2001:db8::/32`)
  }
  const mask = maskOf(128 - longest + length)
  return { family, mask, start: words.map((word, i) => word & mask[i]!) }
}

/** Four words that begin with this many ones. */
function maskOf(bits: number): Uint32Array {
  return Uint32Array.from([0, 32, 64, 96], (before) => {
    const ones = Math.min(32, Math.max(0, bits - before))
    return ones === 0 ? 0 : -1 << (32 - ones)
  })
}

/** Networks of one family. Two networks are disjoint or one holds the other; only the outer ones are kept. */
class Networks {
  readonly #starts: Uint32Array
  readonly #masks: Uint32Array
  readonly #count: number

  constructor(networks: readonly Network[]) {
    const outer: Network[] = []
    for (const network of networks.toSorted(byStartThenSize)) {
      const last = outer.at(-1)
      if (
        last === undefined ||
        !network.start.every((word, i) => ((word ^ last.start[i]!) & last.mask[i]!) === 0)
      ) {
        outer.push(network)
      }
    }
    this.#starts = Uint32Array.from(outer.flatMap(({ start }) => [...start]))
    this.#masks = Uint32Array.from(outer.flatMap(({ mask }) => [...mask]))
    this.#count = outer.length
  }

  has(words: Uint32Array): boolean {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#beginsAfter(middle, words)) high = middle
      else low = middle + 1
    }
    return low > 0 && this.#holds(low - 1, words)
  }

  #beginsAfter(network: number, words: Uint32Array): boolean {
    for (let i = 0; i < 4; i++) {
      const start = this.#starts[4 * network + i]!
      if (start !== words[i]!) return start > words[i]!
    }
    return false
  }

  #holds(network: number, words: Uint32Array): boolean {
    for (let i = 0; i < 4; i++) {
      const at = 4 * network + i
      if (((this.#starts[at]! ^ words[i]!) & this.#masks[at]!) !== 0) return false
    }
    return true
  }
}

function byStartThenSize(a: Network, b: Network): number {
  for (let i = 0; i < 4; i++) if (a.start[i] !== b.start[i]) return a.start[i]! - b.start[i]!
  for (let i = 0; i < 4; i++) if (a.mask[i] !== b.mask[i]) return a.mask[i]! - b.mask[i]!
  return 0
}
