import { type Static, Type } from 'typebox'
import { Address, Duration, Maybe, Text, Url } from '../../contract/option-types.ts'
import { type Frozen, Group, Name, Names, Rule } from './fields.ts'
import { Assertion } from './kong-assertion.ts'
import { Admin, Key, ToGateway } from './kong-connections.ts'
import { type KongPluginName, Plugins, Protocols, Redirect } from './kong-routes.ts'

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
