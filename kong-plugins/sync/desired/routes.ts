import { createHash } from 'node:crypto'
import type { KongConfig, RouteConfig } from '../../../gateway/config/schema.ts'
import type { DesiredEntity } from '../entities.ts'
import { createEntity } from './entity.ts'
import { kongPath } from './path.ts'
import { HTTP_PROTOCOLS } from './plugin-entity.ts'
import { Precedence } from './precedence.ts'
import { translate } from './route-plugins.ts'

/** Longest readable part of a name. */
const LONGEST_SLUG = 60

/**
 * The routes that Kong is to have, with their plugins. One of ours is one of Kong's; only where it is for `*.domain`s
 * beside plain hosts, or for domains of different depth, it is several, because Kong weighs a route by its widest host.
 */
export function routeEntities(
  { owner }: KongConfig,
  routes: readonly RouteConfig[],
  service: DesiredEntity,
): DesiredEntity[] {
  const known = routes.filter(({ kong }) => kong !== null)
  const precedence = new Precedence(
    known.flatMap(({ path, hosts }) =>
      [...hostGroups(hosts).keys()].map((domainLabels) => ({ path, domainLabels })),
    ),
  )
  const siblings = Map.groupBy(known, ({ organization, path }) => `${organization} ${path}`)
  return [...siblings.values()].flatMap((group) =>
    group
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((route) => {
        const name = `${owner}.${route.organization}.${slugOf(route)}${route === group[0] ? '' : siblingOf(route)}`
        return [...hostGroups(route.hosts)].flatMap(([domainLabels, hosts]) => {
          const priority = precedence.of({ path: route.path, domainLabels })
          const own = domainLabels === 0 ? name : `${name}.w${domainLabels}`
          return entitiesOf(owner, own, route, hosts, priority, service)
        })
      }),
  )
}

/** A route of Kong and its plugins. */
function entitiesOf(
  owner: string,
  name: string,
  route: RouteConfig,
  hosts: readonly string[],
  priority: number,
  service: DesiredEntity,
): DesiredEntity[] {
  const { protocols, redirect, plugins } = route.kong!
  const entity = createEntity(owner, 'routes', name, {
    protocols,
    methods: methodsOf(route),
    hosts: hosts.length === 0 ? null : hosts,
    paths: [kongPath(route.path)],
    headers: null,
    // A fourth kind of match would outweigh every other route (kong/router/transform.lua).
    snis: null,
    https_redirect_status_code: redirect,
    regex_priority: priority,
    strip_path: false,
    path_handling: 'v0',
    preserve_host: true,
    // Bodies are streamed both ways.
    request_buffering: false,
    response_buffering: false,
    service: { id: service.id },
  })
  const own = plugins.map((given) => {
    const { plugin, config } = translate(given, route)
    return createEntity(owner, 'plugins', `${name}.${plugin}`, {
      name: plugin,
      enabled: true,
      service: null,
      route: { id: entity.id },
      protocols: HTTP_PROTOCOLS,
      config,
    })
  })
  return [entity, ...own]
}

/** Hosts by the labels of their `*.domain`: 0 for plain ones, and for any host. */
function hostGroups(hosts: readonly string[]): Map<number, readonly string[]> {
  if (hosts.length === 0) return new Map([[0, []]])
  return Map.groupBy(hosts, (host) => (host.startsWith('*.') ? host.split('.').length - 1 : 0))
}

/** OPTIONS is asked before a call that needs consent, and answered by the plugin `cors` here. */
function methodsOf({ methods, plugins }: RouteConfig): readonly string[] {
  const answersOptions = plugins.some(({ plugin }) => plugin === 'cors')
  return answersOptions && !methods.includes('OPTIONS') ? [...methods, 'OPTIONS'] : methods
}

/**
 * What tells routes of one path apart: no two have a host and a method in common. It depends on the route alone, so that
 * one that comes or goes changes no other.
 */
function siblingOf({ hosts, methods }: RouteConfig): string {
  return `.${createHash('sha256')
    .update(`${hosts[0] ?? ''} ${methods[0]}`)
    .digest('hex')
    .slice(0, 8)}`
}

/** The path as a word, and a digest so that no two are the same. */
function slugOf({ organization, path }: RouteConfig): string {
  const words = path
    .replace(/%[0-9A-F]{2}/g, '-')
    .replaceAll('*', 'any')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, LONGEST_SLUG)
    .replace(/-$/, '')
  const digest = createHash('sha256').update(`${organization} ${path}`).digest('hex').slice(0, 8)
  return `${words === '' ? 'root' : words}.${digest}`
}
