import { type Static, type TUnsafe, Type } from 'typebox'
import { Maybe } from '../../contract/option-types.ts'
import type { Written } from '../written.ts'
import { type Frozen, Group, Later, Line, Name, Named, Names, Rule } from './fields.ts'
import { type RouteKongConfig, RouteKongField } from './kong-routes.ts'

/** Methods that a route may take. CONNECT and TRACE are never relayed. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

export type Method = (typeof METHODS)[number]

const AuthSchema = Type.Object(
  {
    scopes: Names(Rule('scope', { description: 'One scope.' }), {
      default: [],
      description: 'Scopes that a principal must have, all of them; else 403.',
    }),
    roles: Names(Line({ description: 'One role.' }), {
      default: [],
      description: 'Roles of which a principal must have one; else 403. Empty: none is asked for.',
    }),
    organizations: Names(Name({ description: 'Name of an organization.' }), {
      default: [],
      description: 'Organizations whose principals may call, besides the own.',
    }),
    issuers: Maybe(
      Names(Line({ description: 'An `issuer` of `identity.issuers`.' }), {
        description: 'Issuers whose tokens are taken. Left out: all.',
      }),
    ),
    apiKeys: Type.Boolean({ default: true, description: 'Whether API keys are taken.' }),
    forwardCredential: Type.Boolean({
      default: false,
      description:
        'Whether the function sees the credential. False, because a function could use it elsewhere.',
    }),
  },
  { description: 'What a caller must prove.' },
)

/** `none`, or what a caller must prove. */
export const AuthField = Type.Optional(
  Type.Union([Type.Literal('none'), AuthSchema], {
    description:
      '`none` for a public route, or what a caller must prove. Left out: that of the organization, then of `defaults`, then any principal of the own organization.',
  }),
)

/** Plugin name to options; `false` switches an inherited one off. */
export const PluginsField: TUnsafe<Record<string, Written>> = Type.Unsafe(
  Named(Later({ description: 'Options of the plugin, or `false`.' }), {
    description:
      'Plugins by name with their options. Those of the route win over those of the organization, and these over `defaults`, each as a whole; `false` switches an inherited one off.',
  }),
)

export const RouteSchema = Type.Object(
  {
    path: Rule('path-pattern', {
      description:
        'Path to match: literal segments in canonical percent-encoding, `:name` for one whole segment, `*` as the last for any rest.',
    }),
    hosts: Names(Rule('host-pattern', { description: 'A host name, or `*.` and a domain.' }), {
      default: [],
      description: 'Hosts to match; `"*.example.com"` in quotes for every name below. Empty: any host.',
    }),
    methods: Type.Array(Type.Enum([...METHODS], { description: 'One method.' }), {
      default: [...METHODS],
      minItems: 1,
      uniqueItems: true,
      description: 'Methods to match. HEAD comes with GET.',
    }),
    function: Name({ description: 'Name of a function of the same organization.' }),
    rewrite: Maybe(
      Rule('path-pattern', {
        description:
          'Path for the function, from the parameters and `*` of `path`. Left out: the path as sent.',
      }),
    ),
    upgrade: Type.Enum(['none', 'websocket'], {
      default: 'none',
      description:
        '`websocket` lets callers open WebSockets, with the same checks as for other calls; bounded by `gateway.websocket`. With `none` a request for one is served as if it had not asked.',
    }),
    auth: AuthField,
    plugins: PluginsField,
    retries: Group(
      {
        attempts: Type.Integer({
          default: 3,
          minimum: 1,
          maximum: 10,
          description: 'Tries in all; 1 for no second one.',
        }),
      },
      'Second tries on another deployment, where that is safe.',
    ),
    kong: RouteKongField,
  },
  { description: 'Binds hosts, a path and methods to a function.' },
)

/** What a caller must prove, after load. */
export interface AuthConfig extends Frozen<Omit<Static<typeof AuthSchema>, 'issuers'>> {
  /** Organizations whose principals may call; the route's own is among them. */
  readonly organizations: readonly string[]
  /** Values of `iss`, or null for every issuer. */
  readonly issuers: readonly string[] | null
}

export type WrittenAuth = Static<typeof AuthSchema> | 'none'

/** A Plugin with settings, bound to a Route. */
export interface PolicyConfig {
  readonly plugin: string
  /** Validated and complete by the schema of the plugin. The same object for all routes that inherit it. */
  readonly options: unknown
  /** Where it was written. */
  readonly scope: 'route' | 'organization' | 'default'
}

/** A Route after load. */
export interface RouteConfig {
  readonly organization: string
  /** `METHODS hosts/path` as configured, for example `GET,HEAD api.example.com/hello/:name`; unique. `ANY` for all methods. */
  readonly name: string
  readonly path: string
  /** Lower-case; empty for any host. */
  readonly hosts: readonly string[]
  /** HEAD is among them when GET is. */
  readonly methods: readonly Method[]
  readonly functionName: string
  readonly rewrite: string | null
  readonly upgrade: 'none' | 'websocket'
  /** Null for `auth: none`. */
  readonly auth: AuthConfig | null
  /** In the order of execution. */
  readonly plugins: readonly PolicyConfig[]
  readonly retries: { readonly attempts: number }
  /** How a Kong in front serves it; null when Kong does not know it. */
  readonly kong: RouteKongConfig | null
}
