import { type Static, Type } from 'typebox'
import { Duration, Maybe, Secret } from '../../contract/option-types.ts'
import { type Frozen, Line, Name } from './fields.ts'

/** `issuer` of the principals that Kong's consumers are. */
export const KONG_ISSUER = 'kong'
/** `issuer` of those whom Kong authenticated and has no consumer for, such as users of an LDAP directory. */
export const KONG_USER_ISSUER = 'kong-user'

export const KONG_ISSUERS: readonly string[] = [KONG_ISSUER, KONG_USER_ISSUER]

const AssertionKey = Type.Object(
  {
    id: Type.String({
      pattern: '^[A-Za-z0-9._-]{1,64}$',
      expected: '1 to 64 letters, digits, dots, underscores and dashes',
      description: 'The `key_id` of the plugin; unique.',
    }),
    secret: Secret({ description: 'The `key_secret` of the plugin, the same text; at least 32 bytes.' }),
  },
  { description: 'One key.' },
)

export const KongIdentitySchema = Type.Object(
  {
    keys: Type.Array(AssertionKey, {
      minItems: 1,
      description:
        'Keys that may sign. All are accepted, so that they can be changed one after the other; the first is the one that is pushed to Kong.',
    }),
    audience: Line({
      default: 'dispatch',
      description:
        'The `audience` of the plugin. A name of its own keeps the assertions for one gateway from another.',
    }),
    skew: Duration({ default: '5s', max: '1m', description: 'Tolerated difference between the clocks.' }),
    maxLifetime: Duration({
      default: '1m',
      min: '1s',
      max: '10m',
      description: 'Assertions that live longer are refused.',
    }),
    boundToRequest: Type.Boolean({
      default: true,
      description:
        'Whether an assertion must be for the very method, host and path that it comes with, so that a stolen one is good for nothing else.',
    }),
    subject: Type.Enum(['id', 'username', 'custom-id'], {
      default: 'id',
      description:
        'What of a consumer is the subject of its principal. Only the id is always there and never passes to another.',
    }),
    organization: Maybe(
      Name({ description: 'Organization of every principal. `default` unless `organizations` is given.' }),
    ),
    organizations: Maybe(
      Type.Object(
        {
          prefix: Line({
            description:
              'The one group of a caller that begins with this names its organization, such as `org:`.',
          }),
          allowed: Type.Array(Name({ description: 'Name of an organization.' }), {
            minItems: 1,
            uniqueItems: true,
            description: 'Callers of another organization, of none or of several get 403.',
          }),
        },
        { description: 'Takes the organization from the groups of the caller. Instead of `organization`.' },
      ),
    ),
    rolePrefix: Maybe(
      Line({
        description: 'Groups that begin with this are roles, without it. Left out: each group is a role too.',
      }),
    ),
  },
  {
    description:
      'Callers whom Kong authenticated, as its plugin `dispatch-edge` tells of them in `dispatch-assertion`. Only peers in `gateway.trustedProxies`, or with a certificate of `gateway.https.clientCertificate`, are heard.',
  },
)

/** After load either `organization` or `organizations` is set. */
export type KongIdentityConfig = Frozen<Static<typeof KongIdentitySchema>>
