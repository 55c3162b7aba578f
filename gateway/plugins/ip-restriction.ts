import { type Static, Type } from 'typebox'
import type { Call } from '../contract/call.ts'
import { Cidr } from '../contract/option-types.ts'
import type { Plugin, PluginDefinition } from '../contract/plugin.ts'
import { Rejection } from '../contract/rejection.ts'
import { parseAddress } from './support/address.ts'
import { AddressSet } from './support/address-set.ts'

const Options = Type.Object({
  allow: Type.Array(Cidr({ description: 'One address or network.' }), {
    default: [],
    description:
      'Addresses and networks that may call. Empty: all that `deny` does not name. `::/0` is every IPv6 address and no IPv4 address.',
  }),
  deny: Type.Array(Cidr({ description: 'One address or network.' }), {
    default: [],
    description: 'Addresses and networks that may not call, even when `allow` names them.',
  }),
})

type Options = Static<typeof Options>

const DENIED = new Rejection('GW_ADDRESS_FORBIDDEN', '', [], 'the address is in the deny list')
const NOT_ALLOWED = new Rejection('GW_ADDRESS_FORBIDDEN', '', [], 'the address is not in the allow list')
const UNREADABLE = new Rejection('GW_ADDRESS_FORBIDDEN', '', [], 'the address cannot be read')

export const plugin: PluginDefinition<Options> = {
  name: 'ip-restriction',
  status: 'stable',
  description:
    'Lets only some client addresses call, and refuses others, before any credential is looked at.',
  options: Options,
  create(options) {
    if (options.allow.length === 0 && options.deny.length === 0)
      throw new Error('give `allow`, `deny` or both')
    return new IpRestriction(compile('allow', options.allow), compile('deny', options.deny))
  },
}

class IpRestriction implements Plugin {
  readonly #allow: AddressSet | null
  readonly #deny: AddressSet | null
  readonly #address = new Uint32Array(4)

  constructor(allow: AddressSet | null, deny: AddressSet | null) {
    this.#allow = allow
    this.#deny = deny
  }

  precheck(call: Call): Rejection | undefined {
    const family = parseAddress(call.clientAddress, this.#address)
    if (family === 0) return UNREADABLE
    if (this.#deny?.has(family, this.#address)) return DENIED
    if (this.#allow !== null && !this.#allow.has(family, this.#address)) return NOT_ALLOWED
    return undefined
  }
}

function compile(option: string, entries: readonly string[]): AddressSet | null {
  if (entries.length === 0) return null
  try {
    return new AddressSet(entries)
  } catch (error) {
    throw new Error(`${option}: ${(error as Error).message}`)
  }
}
