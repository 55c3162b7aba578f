import { type Static, Type } from 'typebox'
import type { Call } from '../contract/call.ts'
import type { HeaderList } from '../contract/headers.ts'
import { Duration, HeaderName, Maybe } from '../contract/option-types.ts'
import type { Plugin, PluginDefinition } from '../contract/plugin.ts'
import { Reply } from '../contract/rejection.ts'
import { removeCorsFields, varyByOrigin } from './support/cors-fields.ts'
import { OriginSet } from './support/origin-set.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

const Options = Type.Object({
  origins: Type.Array(
    Type.String({
      description: 'An origin such as `https://app.example.com`, `https://*.example.com`, `null` or `*`.',
    }),
    {
      minItems: 1,
      description:
        'Origins whose scripts may call. A `*` in the first label of a host stands for that one label or a part of it. `*` alone is every origin, and not allowed together with `credentials`.',
    },
  ),
  methods: Type.Array(Type.Enum([...METHODS], { description: 'One method.' }), {
    default: [...METHODS],
    description: 'Methods that scripts may use.',
  }),
  headers: Maybe(
    Type.Array(HeaderName({ description: 'One header.' }), {
      description: 'Request headers that scripts may send. Left out: whichever the browser asks for.',
    }),
  ),
  exposedHeaders: Type.Array(HeaderName({ description: 'One header.' }), {
    default: [],
    description: 'Headers of the answer that scripts may read, besides the few that they always may.',
  }),
  credentials: Type.Boolean({
    default: false,
    description:
      'Whether browsers send cookies and client certificates. Bearer tokens that a script sets need no consent.',
  }),
  maxAge: Duration({
    default: '10m',
    max: '1d',
    description:
      'How long a browser may remember the answer to a preflight; whole seconds. Browsers cap it themselves.',
  }),
  privateNetwork: Type.Boolean({
    default: false,
    description: 'Whether public pages may call when this gateway stands in a private network.',
  }),
})

type Options = Static<typeof Options>

/** Cross-origin resource sharing as the Fetch standard has it: the gateway speaks for the function, which is never asked. */
export const plugin: PluginDefinition<Options> = {
  name: 'cors',
  status: 'stable',
  description: 'Lets scripts of other origins call, and answers preflights without asking for a credential.',
  options: Options,
  create(options) {
    const origins = new OriginSet(options.origins)
    if (options.credentials) refuseWildcards(options)
    return new Cors(options, origins)
  },
}

/** With credentials, browsers do not take `*` for "all" (Fetch standard, 3.3.5). */
function refuseWildcards(options: Options): void {
  const wild = [
    options.origins.includes('*') && 'origins',
    options.headers?.includes('*') && 'headers',
    options.exposedHeaders.includes('*') && 'exposedHeaders',
  ].filter((name) => typeof name === 'string')
  if (wild.length > 0)
    throw new Error(`${wild.join(', ')}: \`*\` does not work with credentials; list what is allowed`)
}

/** What may stand in Access-Control-Request-Headers, and how much of it is given back. */
const HEADER_NAMES = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*$/
const LONGEST = 4096

class Cors implements Plugin {
  readonly answersOptions = true
  readonly #origins: OriginSet
  readonly #credentials: boolean
  readonly #privateNetwork: boolean
  /** Takes any header that is asked for. */
  readonly #reflects: boolean
  readonly #exposed: string
  /** Fields of every answer to an allowed preflight. */
  readonly #granted: readonly string[]
  readonly #refused: Reply

  constructor(options: Options, origins: OriginSet) {
    this.#origins = origins
    this.#credentials = options.credentials
    this.#privateNetwork = options.privateNetwork
    this.#reflects = options.headers === null
    this.#exposed = options.exposedHeaders.join(', ')
    const varies = varyOf(options, origins)
    const vary = varies === '' ? [] : ['vary', varies]
    this.#refused = new Reply(204, vary)
    this.#granted = [
      ...vary,
      'access-control-allow-methods',
      options.methods.join(', '),
      'access-control-max-age',
      String(Math.floor(options.maxAge / 1000)),
      ...(options.headers?.length ? ['access-control-allow-headers', options.headers.join(', ')] : []),
      ...(options.credentials ? ['access-control-allow-credentials', 'true'] : []),
    ]
  }

  precheck(call: Call): Reply | undefined {
    if (call.method !== 'OPTIONS' || !isPreflight(call)) return undefined
    const origin = call.header('origin')!
    if (!this.#origins.has(origin)) return this.#refused
    const headers = [...this.#granted, 'access-control-allow-origin', this.#origins.any ? '*' : origin]
    if (this.#reflects) {
      const asked = call.header('access-control-request-headers')
      if (asked !== null && asked.length <= LONGEST && HEADER_NAMES.test(asked)) {
        headers.push('access-control-allow-headers', asked)
      }
    }
    if (this.#privateNetwork && call.header('access-control-request-private-network') === 'true') {
      headers.push('access-control-allow-private-network', 'true')
    }
    return new Reply(204, headers)
  }

  headerFilter(call: Call, _status: number, headers: HeaderList): void {
    if (call.method === 'OPTIONS' && isPreflight(call)) return
    removeCorsFields(headers)
    if (this.#origins.any) {
      headers.add('access-control-allow-origin', '*')
    } else {
      varyByOrigin(headers)
      const origin = call.header('origin')
      if (origin === null || !this.#origins.has(origin)) return
      headers.add('access-control-allow-origin', origin)
      if (this.#credentials) headers.add('access-control-allow-credentials', 'true')
    }
    if (this.#exposed !== '') headers.add('access-control-expose-headers', this.#exposed)
  }
}

function isPreflight(call: Call): boolean {
  return call.header('access-control-request-method') !== null && call.header('origin') !== null
}

function varyOf(options: Options, origins: OriginSet): string {
  const names = origins.any ? [] : ['Origin']
  if (options.headers === null) names.push('Access-Control-Request-Headers')
  if (options.privateNetwork) names.push('Access-Control-Request-Private-Network')
  return names.join(', ')
}
