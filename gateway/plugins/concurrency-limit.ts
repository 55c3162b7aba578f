import { type Static, Type } from 'typebox'
import type { Call } from '../contract/call.ts'
import { OrWord } from '../contract/option-types.ts'
import type { HeldByCalls, Plugin, PluginDefinition, PluginHost } from '../contract/plugin.ts'
import type { Rejection } from '../contract/rejection.ts'
import { CallKey } from './support/call-key.ts'

const Options = Type.Object({
  limit: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    description: 'Calls at once, from their head to the last byte of their answer, over all threads.',
  }),
  by: Type.Enum(['principal', 'address', 'route', 'organization'], {
    default: 'principal',
    description:
      'Who shares the limit: the calls of one principal, of one address (IPv6: one network of 64 bits), of one route, or of all routes of one organization. Without a principal (`auth: none`) `principal` counts by address.',
  }),
  keys: OrWord(
    Type.Integer({
      minimum: 1,
      maximum: 2 ** 18,
      description:
        'Principals, addresses, routes or organizations that may have calls at the same time. Beyond it newcomers may be refused; nobody gets more than the limit. `auto`: 4096. Each takes 24 to 48 bytes, and 8 to 16 for each thread.',
    }),
    'auto',
    { default: 'auto' },
  ),
})

type Options = Static<typeof Options>

export const plugin: PluginDefinition<Options> = {
  name: 'concurrency-limit',
  status: 'stable',
  description: 'Refuses calls while as many as the limit are running, counted exactly over all threads.',
  options: Options,
  create: (options, host) => new ConcurrencyLimit(options, host),
}

/** Nobody knows when a call will be over; a second keeps those who come back from being a flood. */
const RETRY_AFTER = ['retry-after', '1']

class ConcurrencyLimit implements Plugin {
  readonly #limit: number
  readonly #held: HeldByCalls
  readonly #key: CallKey
  readonly #refusal: Rejection

  constructor({ limit, by, keys }: Options, host: PluginHost) {
    this.#limit = limit
    this.#held = host.held(by, keys ?? 4096)
    this.#key = new CallKey(by, host.shared('hash', 2))
    this.#refusal = host.reject(
      'GW_CONCURRENCY_LIMITED',
      `The limit is ${limit} at once for one ${by}.`,
      RETRY_AFTER,
    )
  }

  access(call: Call): Rejection | undefined {
    const key = this.#key
    key.read(call)
    return this.#held.tryHold(call, key.low, key.high, this.#limit) ? undefined : this.#refusal
  }
}
