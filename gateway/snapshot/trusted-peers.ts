import { BlockList, isIP, isIPv6 } from 'node:net'

/** Peers that may speak for a client: the proxies of the configuration. */
export class TrustedPeers {
  readonly #list = new BlockList()
  readonly #known = new Map<string, boolean>()
  readonly #none: boolean

  /** @param networks Addresses and CIDR blocks, validated. */
  constructor(networks: readonly string[]) {
    this.#none = networks.length === 0
    for (const network of networks) {
      const [address, prefix] = network.split('/') as [string, string | undefined]
      const family = isIPv6(address) ? 'ipv6' : 'ipv4'
      this.#list.addSubnet(address, Number(prefix ?? (family === 'ipv6' ? 128 : 32)), family)
    }
  }

  /** @param address As the socket gives it, IPv4 without `::ffff:`; empty when the peer has left already. */
  has(address: string): boolean {
    if (this.#none) return false
    const known = this.#known.get(address)
    if (known !== undefined) return known
    const trusted = this.#check(address)
    if (this.#known.size >= MAX_KNOWN) this.#known.clear()
    this.#known.set(address, trusted)
    return trusted
  }

  #check(address: string): boolean {
    // A link-local peer has its zone behind it, which the list would throw over.
    const bare = address.replace(/%.*$/, '')
    const version = isIP(bare)
    return version !== 0 && this.#list.check(bare, version === 6 ? 'ipv6' : 'ipv4')
  }
}

const MAX_KNOWN = 10_000
