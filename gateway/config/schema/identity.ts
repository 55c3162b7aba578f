import { type Static, Type } from 'typebox'
import { Duration, HeaderName, Maybe, Moment, Secret, Size, Text, Url } from '../../contract/option-types.ts'
import { type Frozen, Group, Line, Name, Names, Rule } from './fields.ts'
import { KongIdentitySchema } from './kong-identity.ts'

/** Signature algorithms (RFC 7518, 3.1) that a key may be used with. `none` is not one. */
export const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'HS256',
  'HS384',
  'HS512',
] as const

export type Algorithm = (typeof ALGORITHMS)[number]

const Key = Type.Object(
  {
    id: Line({ description: 'The `kid` of tokens signed with this key; unique in its issuer.' }),
    algorithm: Type.Enum([...ALGORITHMS], {
      description: 'The only algorithm that this key is used with (RFC 8725, 3.1).',
    }),
    publicKey: Maybe(
      Text({
        description:
          'Public key as PEM or JWK in JSON. For RS, PS and ES algorithms; RSA has at least 2048 bits.',
      }),
    ),
    secret: Maybe(
      Secret({
        description:
          'Shared secret. For HS algorithms; at least as long as the hash, 32 bytes for HS256 (RFC 7518, 3.2).',
      }),
    ),
  },
  { description: 'One key: `publicKey` or `secret`.' },
)

const Jwks = Type.Object(
  {
    url: Url({
      secure: true,
      description: 'Address of the key set (RFC 7517). `https`; `http` towards this machine only.',
    }),
    refresh: Duration({
      default: '10m',
      min: '1s',
      description: 'Age at which the set is fetched again, in the background.',
    }),
    cooldown: Duration({
      default: '30s',
      min: '1s',
      description:
        'Least time between two fetches that unknown key ids cause, so that bad tokens cannot flood the issuer.',
    }),
    staleLimit: Duration({
      default: '1d',
      max: '30d',
      description: 'While fetching fails the old keys are used up to this age.',
    }),
    timeout: Duration({
      default: '3s',
      min: '100ms',
      max: '1m',
      description: 'For one fetch, from connect to the last byte.',
    }),
    maxSize: Size({
      default: '256KiB',
      min: '1KiB',
      max: '4MiB',
      description: 'Larger answers are refused.',
    }),
    ca: Maybe(Text({ description: 'PEM of the authorities to trust instead of those of the system.' })),
  },
  { description: 'Key set that the issuer publishes.' },
)

export const IssuerSchema = Type.Object(
  {
    issuer: Line({ description: 'Exact value of the claim `iss`.' }),
    audiences: Type.Array(Line({ description: 'One value of `aud`.' }), {
      minItems: 1,
      uniqueItems: true,
      description: 'A token is for us when its `aud` holds one of these.',
    }),
    algorithms: Maybe(
      Type.Array(Type.Enum([...ALGORITHMS], { description: 'One algorithm.' }), {
        minItems: 1,
        uniqueItems: true,
        description:
          'Algorithms that tokens may use. Left out: those of `keys`; with `jwks` RS256 and ES256. HS algorithms need `keys` with a `secret`.',
      }),
    ),
    profile: Type.Enum(['jwt', 'at+jwt'], {
      default: 'jwt',
      description: '`at+jwt` takes access tokens of RFC 9068 only; `jwt` takes any that is not an ID token.',
    }),
    skew: Duration({ default: '30s', max: '10m', description: 'Tolerated difference between the clocks.' }),
    maxLifetime: Duration({
      default: '1d',
      min: '1s',
      max: '3650d',
      description: 'Longest time between `iat` and `exp`; tokens that live longer are refused.',
    }),
    keys: Type.Array(Key, { default: [], description: 'Keys given here. Either these or `jwks`.' }),
    jwks: Maybe(Jwks),
    organization: Maybe(
      Name({
        description:
          'Organization of every principal of this issuer. `default` unless `organizations` is given.',
      }),
    ),
    organizations: Maybe(
      Type.Object(
        {
          claim: Line({ description: 'Claim that holds the name of the organization.' }),
          allowed: Type.Array(Name({ description: 'Name of an organization.' }), {
            minItems: 1,
            uniqueItems: true,
            description: 'Tokens that claim another organization are refused.',
          }),
        },
        { description: 'Takes the organization of a principal from a claim. Instead of `organization`.' },
      ),
    ),
    claims: Group(
      {
        subject: Line({ default: 'sub', description: 'Who is calling.' }),
        roles: Line({ default: 'roles', description: 'List of roles.' }),
        scopes: Line({
          default: 'scope',
          description: 'Scopes, as a list or separated by spaces; `scp` is taken when it is absent.',
        }),
        groups: Line({ default: 'groups', description: 'List of groups.' }),
      },
      'Names of the claims that the facts of a principal are taken from.',
    ),
  },
  { description: 'Who issues tokens, and how they are verified.' },
)

export const ApiKeySchema = Type.Object(
  {
    name: Line({ description: 'Subject of the principal; unique.' }),
    hash: Rule('hash', {
      description:
        '`sha256:` and the SHA-256 of the key in 64 hexadecimal digits. The key itself is nowhere in the configuration.',
    }),
    organization: Name({ default: 'default', description: 'Organization of the principal.' }),
    scopes: Names(Rule('scope', { description: 'One scope.' }), {
      default: [],
      description: 'Scopes of the principal.',
    }),
    roles: Names(Line({ description: 'One role.' }), { default: [], description: 'Roles of the principal.' }),
    expires: Maybe(Moment({ description: 'The key is refused from then on. Left out: never.' })),
  },
  { description: 'One API key, known by its hash.' },
)

const DEVELOPMENT =
  'A local issuer whose key is made on first start; `dispatch token` mints its tokens. `true` takes the defaults. Allowed only when every listener is on loopback.'

const Development = Type.Object(
  {
    organization: Name({
      default: 'default',
      description: 'Organization of the development tokens that name no other.',
    }),
    audience: Line({ default: 'dispatch', description: 'The `aud` of development tokens.' }),
  },
  { description: DEVELOPMENT },
)

export const IdentitySchema = Group(
  {
    realm: Line({ default: 'dispatch', description: 'The `realm` of `WWW-Authenticate`.' }),
    cache: Group(
      {
        tokens: Type.Integer({
          default: 10_000,
          minimum: 0,
          maximum: 10_000_000,
          description: 'Verified tokens kept in memory per thread; 0 verifies every time.',
        }),
      },
      'What is remembered about credentials.',
    ),
    issuers: Type.Array(IssuerSchema, { default: [], description: 'Issuers of bearer tokens.' }),
    apiKeys: Group(
      {
        header: HeaderName({ default: 'x-api-key', description: 'Header that carries the key.' }),
        keys: Type.Array(ApiKeySchema, { default: [], description: 'The keys.' }),
      },
      'API keys, a second kind of credential.',
    ),
    kong: Maybe(KongIdentitySchema),
    development: Type.Union([Development, Type.Boolean(), Type.Null()], {
      default: null,
      description: DEVELOPMENT,
    }),
  },
  'Who may call, and how they prove it.',
)

type WrittenIdentity = Static<typeof IdentitySchema>

export type KeyConfig = Frozen<Static<typeof Key>>
export type JwksConfig = Frozen<Static<typeof Jwks>>
export type ApiKeyConfig = Frozen<Static<typeof ApiKeySchema>>
export type DevelopmentConfig = Frozen<Static<typeof Development>>

/** One issuer after load. Either `keys` is not empty or `jwks` is set; either `organization` or `organizations` is set. */
export interface IssuerConfig extends Frozen<Omit<Static<typeof IssuerSchema>, 'algorithms'>> {
  /** Never empty. */
  readonly algorithms: readonly Algorithm[]
}

export interface IdentityConfig extends Frozen<Omit<WrittenIdentity, 'issuers' | 'development'>> {
  readonly issuers: readonly IssuerConfig[]
  readonly development: DevelopmentConfig | null
}
