import { Type } from 'typebox'
import { Maybe, OrWord } from '../../contract/option-types.ts'
import { Group, Names } from './fields.ts'
import { Certificate, Key } from './kong-connections.ts'

/** Plugins of a route that Kong can run too, by their names here. */
export const KONG_PLUGINS = ['cors', 'ip-restriction', 'request-size', 'rate-limit'] as const

export type KongPluginName = (typeof KONG_PLUGINS)[number]

/** Status codes that Kong can answer plain HTTP with where a route takes HTTPS only. */
const REDIRECTS = [301, 302, 307, 308, 426] as const

export const Protocols = Names(Type.Enum(['http', 'https'], { description: 'One protocol.' }), {
  minItems: 1,
  default: ['https'],
  description: 'Protocols that clients may speak to Kong.',
})

export const Redirect = Type.Enum([...REDIRECTS], {
  default: 308,
  description:
    'What plain HTTP gets where only `https` is taken: a redirect, or 426. 308 keeps method and body.',
})

export const Plugins = Type.Array(Type.Enum([...KONG_PLUGINS], { description: 'One plugin.' }), {
  uniqueItems: true,
  description:
    'Plugins of a route that Kong runs too, with the settings that they have here, so that it refuses first. The gateway still runs them.',
})

/** `kong` of a route. */
export const RouteKongField = OrWord(
  Group(
    {
      protocols: Maybe(Type.Unsafe<('http' | 'https')[]>({ ...Protocols, default: undefined })),
      redirect: Maybe(Type.Unsafe<KongRedirect>({ ...Redirect, default: undefined })),
      certificate: Maybe(
        Type.Object(
          { certificate: Certificate, key: Key },
          { description: 'Certificate that Kong shows for the `hosts` of the route.' },
        ),
      ),
      plugins: Maybe(Plugins),
    },
    'How Kong serves the route, or `off`: Kong does not know it. What is left out is as in `kong`.',
  ),
  'off',
)

export type KongRedirect = (typeof REDIRECTS)[number]

/** `kong` of a route after load. */
export interface RouteKongConfig {
  readonly protocols: readonly ('http' | 'https')[]
  readonly redirect: KongRedirect
  /** Each stands among the plugins of the route. */
  readonly plugins: readonly KongPluginName[]
}
