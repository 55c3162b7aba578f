import type { RouteConfig } from '../config/schema.ts'
import { DEVELOPMENT_ISSUER } from '../development/issuer.ts'
import type { StartedGateway } from './context.ts'
import { shellWord } from './shell-word.ts'

/** What a development token must hold to open every route that it can open. */
export interface Grants {
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
}

/** Scopes and roles that the routes ask of a principal of this organization. */
export function grantsFor(organization: string, routes: readonly RouteConfig[]): Grants {
  const open = routes.flatMap(({ auth }) => (auth !== null && opens(auth, organization) ? [auth] : []))
  return {
    scopes: [...new Set(open.flatMap(({ scopes }) => scopes))],
    roles: [...new Set(open.flatMap(({ roles }) => roles))],
  }
}

/**
 * A curl command that calls a route with this token, or null when no route takes it. A route that needs a token comes
 * first, and one for any host, so that the name of the machine is enough.
 */
export function sampleCall(
  gateway: Pick<StartedGateway, 'addresses' | 'config'>,
  authority: string | null,
  organization: string,
  token: string,
): string | null {
  const routes = gateway.config.routes.filter(
    ({ auth, methods }) => (auth === null || opens(auth, organization)) && methods.includes('GET'),
  )
  const route = routes.toSorted((a, b) => rank(a) - rank(b))[0]
  if (route === undefined) return null
  const { http, https } = gateway.addresses
  const trusted = https !== null && authority !== null
  const base = trusted ? `https://${https}` : http !== null ? `http://${http}` : `https://${https}`
  return [
    'curl',
    ...(trusted ? ['--cacert', shellWord(authority)] : []),
    ...(route.auth === null ? [] : ['-H', shellWord(`authorization: Bearer ${token}`)]),
    ...(route.hosts.length === 0 ? [] : ['-H', shellWord(`host: ${route.hosts[0]!.replace('*', 'www')}`)]),
    shellWord(base + examplePath(route.path)),
  ].join(' ')
}

/** Lower is better. */
function rank({ auth, hosts }: RouteConfig): number {
  return (auth === null ? 2 : 0) + (hosts.length === 0 ? 0 : 1)
}

function opens(auth: NonNullable<RouteConfig['auth']>, organization: string): boolean {
  return (
    auth.organizations.includes(organization) &&
    (auth.issuers === null || auth.issuers.includes(DEVELOPMENT_ISSUER))
  )
}

function examplePath(pattern: string): string {
  return pattern.replace(/\/\*$/, '/').replace(/:([^/]+)/g, (_, name) => (name === 'name' ? 'world' : name))
}
