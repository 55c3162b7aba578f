import { type Static, Type } from 'typebox'
import type { Call } from '../contract/call.ts'
import type { HeaderList } from '../contract/headers.ts'
import { Duration, OrWord } from '../contract/option-types.ts'
import type { Plugin, PluginDefinition, PluginHost } from '../contract/plugin.ts'
import type { Rejection } from '../contract/rejection.ts'
import { CallKey } from './support/call-key.ts'
import { CountedLimit } from './support/counted-limit.ts'
import { MAX_LIMIT, WindowCounters } from './support/window-counters.ts'

const Limit = {
  limit: Type.Integer({ minimum: 1, maximum: MAX_LIMIT, description: 'Calls that pass in one window.' }),
  window: Duration({
    min: '1s',
    max: '31d',
    description:
      'Length of a window; whole seconds. Windows follow each other by the clock (UTC), so up to twice the limit may pass around a boundary.',
  }),
}

const Options = Type.Object({
  ...Limit,
  by: Type.Enum(['principal', 'address', 'route', 'organization'], {
    default: 'principal',
    description:
      'Who shares a limit: the calls of one principal, of one address (IPv6: one network of 64 bits), of one route, or of all routes of one organization. Without a principal (`auth: none`) `principal` counts by address.',
  }),
  also: Type.Array(Type.Object(Limit, { description: 'One limit.' }), {
    default: [],
    maxItems: 7,
    description:
      'Further limits with other windows. All must allow a call; a call that one refuses counts for none.',
  }),
  keys: OrWord(
    Type.Integer({
      minimum: 1,
      maximum: 2 ** 22,
      description:
        'Principals, addresses, routes or organizations that are told apart within one window. Beyond it newcomers are refused early; nobody gets more than the limit. `auto`: 4096 routes or organizations, else 65536. Each takes 16 to 32 bytes for each limit.',
    }),
    'auto',
    { default: 'auto' },
  ),
  announce: Type.Boolean({
    default: true,
    description:
      'Whether answers tell the limits, in RateLimit-Policy, and what is left of them, in RateLimit (draft-ietf-httpapi-ratelimit-headers-11).',
  }),
})

type Options = Static<typeof Options>

/** @param now Milliseconds since 1970, the same on all threads. */
export function rateLimit(now: () => number): PluginDefinition<Options> {
  return {
    name: 'rate-limit',
    status: 'stable',
    description: 'Refuses calls beyond a number per window of time, counted exactly over all threads.',
    options: Options,
    create: (options, host) => new RateLimit(options, compile(options, host, now), host, now),
  }
}

export const plugin = rateLimit(Date.now)

function compile(options: Options, host: PluginHost, now: () => number): CountedLimit[] {
  const words = WindowCounters.words(
    options.keys ?? (options.by === 'route' || options.by === 'organization' ? 4096 : 65_536),
  )
  const windows = new Set<number>()
  return [options, ...options.also].map(({ limit, window }) => {
    if (window < 1000 || window % 1000 !== 0) throw new Error('a window must have whole seconds')
    if (windows.has(window)) throw new Error(`two limits have the same window of ${window / 1000} s`)
    windows.add(window)
    const memory = host.shared(`${options.by} ${window} ${words}`, words)
    return new CountedLimit(options.by, new WindowCounters(memory, limit, window, now))
  })
}

class RateLimit implements Plugin {
  readonly #limits: readonly CountedLimit[]
  readonly #key: CallKey
  readonly #now: () => number
  readonly #announces: boolean
  readonly #byPrincipal: boolean
  /** Value of RateLimit-Policy. */
  readonly #policy: string

  constructor(options: Options, limits: readonly CountedLimit[], host: PluginHost, now: () => number) {
    this.#limits = limits
    this.#key = new CallKey(options.by, host.shared('hash', 2))
    this.#now = now
    this.#announces = options.announce
    this.#byPrincipal = options.by === 'principal'
    this.#policy = limits.map(({ policy }) => policy).join(', ')
  }

  access(call: Call): Rejection | undefined {
    const limits = this.#limits
    const key = this.#key
    const nowMs = this.#now()
    key.read(call)
    for (let i = 0; i < limits.length; i++) {
      if (!limits[i]!.counters.take(key.low, key.high, nowMs)) return this.#refuse(i, nowMs)
    }
    return undefined
  }

  headerFilter(call: Call, status: number, headers: HeaderList): void {
    // Whoever has not said who he is learns nothing about a limit that is not his.
    if (!this.#announces || (this.#byPrincipal && status === 401 && call.principal === null)) return
    const limits = this.#limits
    const key = this.#key
    const nowMs = this.#now()
    key.read(call)
    let left = limits[0]!.left(key.low, key.high, nowMs)
    for (let i = 1; i < limits.length; i++) left += `, ${limits[i]!.left(key.low, key.high, nowMs)}`
    headers.add('ratelimit-policy', this.#policy)
    headers.add('ratelimit', left)
  }

  /** The limits before this one have counted the call and take it back; the longest wait of all is told. */
  #refuse(refusing: number, nowMs: number): Rejection {
    const { low, high } = this.#key
    let seconds = this.#limits[refusing]!.counters.secondsLeft(nowMs)
    for (let i = 0; i < this.#limits.length; i++) {
      const { counters } = this.#limits[i]!
      if (i < refusing) counters.giveBack(low, high)
      else if (counters.used(low, high, nowMs) >= counters.limit)
        seconds = Math.max(seconds, counters.secondsLeft(nowMs))
    }
    return this.#limits[refusing]!.rejection(seconds)
  }
}
