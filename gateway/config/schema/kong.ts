import { type Static, Type } from 'typebox'
import { Address, Duration, Maybe, OrWord, Secret, Text, Url } from '../../contract/option-types.ts'
import { type Frozen, Group, Name, Names, Rule } from './fields.ts'

/** Plugins of a route that Kong can run too, by their names here. */
export const KONG_PLUGINS = ['cors', 'ip-restriction', 'request-size', 'rate-limit'] as const

export type KongPluginName = (typeof KONG_PLUGINS)[number]

/** Status codes that Kong can answer plain HTTP with where a route takes HTTPS only. */
const REDIRECTS = [301, 302, 307, 308, 426] as const

const Certificate = Text({ description: 'PEM chain, the own certificate first.' })
const Key = Secret({ description: 'PEM of the private key of the certificate, not encrypted.' })

const Protocols = Names(Type.Enum(['http', 'https'], { description: 'One protocol.' }), {
  minItems: 1,
  default: ['https'],
  description: 'Protocols that clients may speak to Kong.',
})

const Redirect = Type.Enum([...REDIRECTS], {
  default: 308,
  description:
    'What plain HTTP gets where only `https` is taken: a redirect, or 426. 308 keeps method and body.',
})

const Plugins = Type.Array(Type.Enum([...KONG_PLUGINS], { description: 'One plugin.' }), {
  uniqueItems: true,
  description:
    'Plugins of a route that Kong runs too, with the settings that they have here, so that it refuses first. The gateway still runs them.',
})

const Admin = Group(
  {
    url: Url({
      default: 'http://127.0.0.1:8001',
      description: 'Where the Admin API is; a path is put before all others.',
    }),
    workspace: Maybe(
      Type.String({
        pattern: '^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$',
        expected: 'the name of a workspace',
        description: 'Workspace, for a Kong that has them. Left out: none is named.',
      }),
    ),
    headers: Type.Record(
      Type.String({ pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" }),
      Secret({ description: 'Value, such as a token.' }),
      { default: {}, expected: 'a header name', description: 'Headers of every request, by name.' },
    ),
    ca: Maybe(
      Text({
        description: 'PEM certificates of the authorities that are believed instead of those of Node.',
      }),
    ),
    certificate: Maybe(Text({ description: 'PEM chain that the gateway shows. Together with `key`.' })),
    key: Maybe(Key),
    timeout: Duration({
      default: '10s',
      min: '100ms',
      max: '5m',
      description: 'Time for an answer, then it is asked again.',
    }),
  },
  'The Admin API of Kong.',
)

const ToGateway = Type.Object(
  {
    ca: Text({ description: 'PEM of the authority that Kong checks the certificate of the gateway by.' }),
    certificate: Maybe(
      Text({ description: 'PEM chain that Kong shows to the gateway. Together with `key`.' }),
    ),
    key: Maybe(Key),
  },
  { description: 'Kong speaks HTTPS to the gateway. Left out: plain HTTP.' },
)

const VAULT_REFERENCE = '^\\{vault://[^{}\\s]+\\}$'

const Assertion = Group(
  {
    secret: Maybe(
      Type.String({
        pattern: VAULT_REFERENCE,
        expected: 'a reference to a vault of Kong such as "{vault://env/dispatch-key}"',
        description:
          'Where Kong finds the secret of the first key of `identity.kong.keys`: a reference to one of its vaults. Left out: it is given the secret itself, which its Admin API shows to whoever may read there.',
      }),
    ),
    zone: Maybe(
      Type.Union(
        [
          Rule('zone', { description: 'A region or zone.' }),
          Type.String({
            pattern: VAULT_REFERENCE,
            expected: 'a reference to a vault of Kong such as "{vault://env/dispatch-zone}"',
            description: 'A reference, so that each node of Kong has its own.',
          }),
        ],
        {
          description:
            'Where calls come in, for placement: a zone, or a reference to a vault of Kong so that each of its nodes has its own. Left out: not said.',
        },
      ),
    ),
    lifetime: Duration({
      default: '10s',
      min: '2s',
      max: '60s',
      description: 'How long an assertion is good for; whole seconds.',
    }),
  },
  'The plugin `dispatch-edge`, by which Kong tells who calls. Kong is given it when there is `identity.kong`.',
)

/** The part `kong` of the file: what keeps the routes here and those of a Kong in front the same. */
export const KongSchema = Maybe(
  Type.Object(
    {
      owner: Name({
        default: 'dispatch',
        description:
          'Marks what belongs to this configuration in Kong. Gateways of one configuration share it; two configurations for one Kong need two.',
      }),
      mode: Type.Enum(['admin', 'dbless'], {
        default: 'admin',
        description:
          '`admin`: entities are written one by one, beside those of others. `dbless`: the whole configuration of a Kong without a database, which must hold nothing else.',
      }),
      sync: Type.Boolean({
        default: true,
        description:
          'Whether a running gateway keeps Kong in step; otherwise only `dispatch kong sync` does.',
      }),
      admin: Admin,
      proxy: Maybe(
        Url({ origin: true, description: 'Where Kong serves clients, for `dispatch kong sync --wait`.' }),
      ),
      targets: Type.Array(Address({ description: 'Host and port of one gateway.' }), {
        default: [],
        description:
          'Where Kong reaches the gateways of this configuration. Empty: the listener of this one, when that is one address.',
      }),
      tls: Maybe(ToGateway),
      health: Group(
        {
          path: Rule('path-pattern', {
            default: '/.dispatch/ready',
            description:
              'Path on the listeners of functions where Kong asks whether a gateway takes calls. Without parameters and `*`; no route can have it.',
          }),
          interval: Duration({
            default: '5s',
            min: '1s',
            max: '10m',
            description: 'Time between two such questions; whole seconds.',
          }),
        },
        'How Kong finds out which gateways take calls.',
      ),
      every: Duration({
        default: '30s',
        min: '1s',
        max: '1h',
        description: 'Time between two looks for what others changed in Kong; it is put right then.',
      }),
      deletions: Group(
        {
          always: Type.Integer({
            default: 10,
            minimum: 0,
            maximum: 1_000_000,
            description: 'So many entities may always be deleted at once.',
          }),
          share: Type.Number({
            default: 0.2,
            minimum: 0,
            maximum: 1,
            description: 'So may this share of all that are there.',
          }),
        },
        'Guard against mistakes: when more would be deleted at once, nothing is, until `dispatch kong prune` says so.',
      ),
      assertion: Assertion,
      protocols: Protocols,
      redirect: Redirect,
      plugins: Type.Unsafe<KongPluginName[]>({ ...Plugins, default: [] }),
      certificates: Type.Array(
        Type.Object(
          {
            certificate: Maybe(
              Text({ description: 'PEM chain. Left out with `key`: those of `gateway.https`.' }),
            ),
            key: Maybe(Key),
            hosts: Names(Rule('host-pattern', { description: 'A host name, or `*.` and a domain.' }), {
              default: [],
              description: 'Names (SNI) that Kong shows it for. Empty: those that the certificate names.',
            }),
          },
          { description: 'One certificate for clients of Kong.' },
        ),
        { default: [], description: 'Certificates that Kong is given for its clients.' },
      ),
    },
    {
      description:
        'A Kong in front of the gateway, which the routes are brought to. Left out: there is none.',
    },
  ),
)

/** `kong` of a route. */
export const RouteKongField = OrWord(
  Group(
    {
      protocols: Maybe(Type.Unsafe<('http' | 'https')[]>({ ...Protocols, default: undefined })),
      redirect: Maybe(Type.Unsafe<KongRedirect>({ ...Redirect, default: undefined })),
      snis: Names(Rule('host-pattern', { description: 'A name, or `*.` and a domain.' }), {
        default: [],
        description: 'Names (SNI) that clients must ask for in the TLS handshake. Empty: any.',
      }),
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

type WrittenKong = NonNullable<Static<typeof KongSchema>>

/** A certificate with its key, and the names that it is shown for; never empty. */
export interface KongCertificateConfig {
  readonly certificate: string
  readonly key: string
  readonly hosts: readonly string[]
}

/** `kong` after load. */
export interface KongConfig extends Frozen<Omit<WrittenKong, 'certificates' | 'targets'>> {
  /** Never empty. Hosts are names or addresses, never of all interfaces. */
  readonly targets: readonly { readonly host: string; readonly port: number }[]
  /** Those of routes are among them. No host stands twice. */
  readonly certificates: readonly KongCertificateConfig[]
}

/** `kong` of a route after load. */
export interface RouteKongConfig {
  readonly protocols: readonly ('http' | 'https')[]
  readonly redirect: KongRedirect
  readonly snis: readonly string[]
  /** Each stands among the plugins of the route. */
  readonly plugins: readonly KongPluginName[]
}
