import { type Static, Type } from 'typebox'
import { Duration } from '../contract/option-types.ts'
import type { BackendConfig } from './schema/backends.ts'
import { type BurstConfig, OrganizationBurstField } from './schema/budgets.ts'
import { Group, Later, Line, Named } from './schema/fields.ts'
import { type FunctionConfig, FunctionSchema } from './schema/functions.ts'
import { type GatewayConfig, GatewaySchema } from './schema/gateway.ts'
import { type IdentityConfig, IdentitySchema } from './schema/identity.ts'
import { type KongConfig, KongSchema } from './schema/kong.ts'
import { type PlacementConfig, PlacementSchema } from './schema/places.ts'
import { AuthField, PluginsField, type RouteConfig, RouteSchema } from './schema/routes.ts'

export type { BackendConfig, ConcurrencyConfig, PriceConfig } from './schema/backends.ts'
export type { BudgetConfig, BurstConfig } from './schema/budgets.ts'
export type { DeploymentConfig, FunctionConfig, HedgeConfig } from './schema/functions.ts'
export type { GatewayConfig } from './schema/gateway.ts'
export type {
  Algorithm,
  ApiKeyConfig,
  DevelopmentConfig,
  IdentityConfig,
  IssuerConfig,
  JwksConfig,
  KeyConfig,
} from './schema/identity.ts'
export type { KongCertificateConfig, KongConfig } from './schema/kong.ts'
export {
  KONG_ISSUER,
  KONG_ISSUERS,
  KONG_USER_ISSUER,
  type KongIdentityConfig,
} from './schema/kong-identity.ts'
export type { KongPluginName, RouteKongConfig } from './schema/kong-routes.ts'
export type { DistanceConfig, PlacementConfig } from './schema/places.ts'
export type { AuthConfig, Method, PolicyConfig, RouteConfig } from './schema/routes.ts'

const functions = Named(FunctionSchema, { description: 'Functions by name.' })
const routes = Type.Array(RouteSchema, {
  default: [],
  description: 'Routes, in any order: the most specific one wins.',
})

export const OrganizationSchema = Group(
  { functions, routes, plugins: PluginsField, auth: AuthField, burst: OrganizationBurstField },
  'What belongs to one organization.',
)

/** The file `dispatch.yaml`: the single source of types, defaults, validation and the reference page. */
export const DocumentSchema = Type.Object(
  {
    gateway: GatewaySchema,
    identity: IdentitySchema,
    plugins: Type.Array(
      Line({ description: 'Path that begins with `./`, `../` or `/`, or name of a package.' }),
      {
        default: [],
        description: 'Modules outside the project that export a `plugin`; paths are relative to this file.',
      },
    ),
    drivers: Type.Array(
      Line({ description: 'Path that begins with `./`, `../` or `/`, or name of a package.' }),
      {
        default: [],
        description: 'Modules outside the project that export a `driver`; paths are relative to this file.',
      },
    ),
    placement: PlacementSchema,
    backends: Named(Later({ description: 'A backend.' }), { description: 'Backends by name.' }),
    defaults: Group(
      {
        auth: AuthField,
        plugins: PluginsField,
        timeout: Duration({
          default: '60s',
          min: '1ms',
          description: 'Timeout of functions that have none of their own.',
        }),
      },
      'Applies to every route of every organization.',
    ),
    functions,
    routes,
    burst: OrganizationBurstField,
    kong: KongSchema,
    organizations: Named(OrganizationSchema, {
      description: 'Further organizations by name. What stands at the top level belongs to `default`.',
    }),
  },
  { description: 'The whole file. Every part may be left out.' },
)

export type Document = Static<typeof DocumentSchema>

/** An Organization after load: of those that the file has functions or settings for; `default` is always among them. */
export interface OrganizationConfig {
  readonly name: string
  /** What its functions may use of burst backends together. */
  readonly burst: Pick<BurstConfig, 'budget'>
}

/** A whole configuration: validated, complete, frozen, plain data that can be posted to a thread. */
export interface Config {
  /** Absolute path of the file it was read from. */
  readonly file: string
  /** Folder of the file; relative paths count from it. */
  readonly directory: string
  readonly gateway: GatewayConfig
  readonly identity: IdentityConfig
  /** Outside modules, as absolute paths. */
  readonly plugins: readonly string[]
  readonly drivers: readonly string[]
  readonly placement: PlacementConfig
  readonly backends: readonly BackendConfig[]
  readonly organizations: readonly OrganizationConfig[]
  readonly functions: readonly FunctionConfig[]
  readonly routes: readonly RouteConfig[]
  /** The Kong in front; null when there is none. */
  readonly kong: KongConfig | null
}
