import { parametersOf, shapeOf } from '../forms/path-pattern.ts'
import { quote } from '../mistakes.ts'
import { nearest } from '../reading/nearest.ts'
import { METHODS, type Method, type RouteConfig } from '../schema/routes.ts'
import type { Located } from '../written.ts'
import type { Assembly } from './assembly.ts'
import { AuthReader } from './auth.ts'
import { PolicyReader } from './policies.ts'
import { routeKong } from './route-kong.ts'
import type { Scope } from './scope.ts'

type WrittenRoute = Scope['routes'][number]

/** The routes of every organization. */
export function assembleRoutes(assembly: Assembly): RouteConfig[] {
  const { defaults } = assembly.document
  const policies = new PolicyReader(assembly)
  const auth = new AuthReader(assembly)
  policies.read(defaults.plugins, 'default')
  auth.check(defaults.auth)
  const routes: RouteConfig[] = []
  for (const scope of assembly.scopes) {
    policies.read(scope.plugins, 'organization')
    auth.check(scope.auth)
    for (const written of scope.routes) {
      auth.check(written.auth)
      refuseUnknownFunction(assembly, scope, written)
      refuseUnknownParameters(assembly, written)
      refuseUpgradeWithoutGet(assembly, written)
      const { organization } = scope
      const methods = methodsOf(written.methods)
      const at = assembly.reading.locate(written)
      const plugins = policies.policiesOf({
        route: written.plugins,
        organization: scope.plugins,
        default: defaults.plugins,
      })
      routes.push(
        assembly.places.note(
          {
            organization,
            name: nameOf(written, methods),
            path: written.path,
            hosts: written.hosts,
            methods,
            functionName: written.function,
            rewrite: written.rewrite,
            upgrade: written.upgrade,
            auth: auth.complete(
              scope.written === null ? [written, defaults] : [written, scope.written, defaults],
              organization,
              at,
            ),
            plugins,
            retries: written.retries,
            kong: routeKong(assembly, written, plugins),
          },
          assembly.reading.locate(written, 'path'),
        ),
      )
    }
  }
  refuseConflicts(assembly, routes)
  return routes
}

/** HEAD comes with GET; always in one order, so that a name is found again. */
function methodsOf(written: readonly Method[]): Method[] {
  return METHODS.filter(
    (method) => written.includes(method) || (method === 'HEAD' && written.includes('GET')),
  )
}

function nameOf({ hosts, path }: WrittenRoute, methods: readonly Method[]): string {
  return `${methods.length === METHODS.length ? 'ANY' : methods.join()} ${hosts.join()}${path}`
}

function refuseUnknownFunction(assembly: Assembly, scope: Scope, route: WrittenRoute): void {
  const name = route.function
  if (name === '' || scope.functionNames.has(name)) return
  const owner = assembly.scopes.find((other) => other.functionNames.has(name))
  const elsewhere = owner === undefined ? '' : `; ${quote(owner.organization)} has one`
  const names = [...scope.functionNames]
  assembly.reading.refuse(assembly.reading.locate(route, 'function'), {
    message: `the organization ${quote(scope.organization)} has no function ${quote(name)}${elsewhere}`,
    expected:
      names.length === 0 ? 'a function of the same organization' : `one of ${names.slice(0, 20).join(', ')}`,
    suggestion: nearest(name, names),
  })
}

function refuseUnknownParameters(assembly: Assembly, route: WrittenRoute): void {
  if (route.rewrite === null || route.path === '') return
  const given = parametersOf(route.path)
  for (const name of parametersOf(route.rewrite)) {
    if (given.includes(name)) continue
    const shown = (parameter: string) => (parameter === '*' ? parameter : `:${parameter}`)
    const suggestion = nearest(name, given)
    assembly.reading.refuse(assembly.reading.locate(route, 'rewrite'), {
      message: `${shown(name)} is not in the path ${quote(route.path)}`,
      expected:
        given.length === 0 ? 'a path without parameters' : `parameters among ${given.map(shown).join(', ')}`,
      suggestion: suggestion === null ? null : shown(suggestion),
    })
  }
}

/** A WebSocket begins with GET (RFC 6455, 4.1). */
function refuseUpgradeWithoutGet(assembly: Assembly, route: WrittenRoute): void {
  if (route.upgrade !== 'websocket' || route.methods.includes('GET')) return
  assembly.reading.refuse(assembly.reading.locate(route, 'upgrade'), {
    message: 'a WebSocket is asked for with GET, which the route does not take',
    expected: 'GET among `methods`, or no `upgrade`',
  })
}

/** No two routes may take the same request: same host, method and path but for the names of parameters. */
function refuseConflicts(assembly: Assembly, routes: readonly RouteConfig[]): void {
  const taken = new Map<string, Located>()
  for (const route of routes.filter(({ path }) => path !== '')) {
    const at = assembly.places.of(route)
    const shape = shapeOf(route.path)
    const keys = (route.hosts.length === 0 ? ['any host'] : route.hosts).flatMap((host) =>
      route.methods.map((method) => ({ key: `${method} ${host} ${shape}`, method, host })),
    )
    const clash = keys.find(({ key }) => taken.has(key))
    if (clash !== undefined) {
      const line = assembly.reading.mistakes.lineOf(taken.get(clash.key)!)
      assembly.reading.refuse(at, {
        message: `${clash.method} ${quote(route.path)} of ${clash.host} has a route already, in line ${line}`,
        expected: 'another host, path or method; HEAD comes with GET, and names of parameters do not count',
      })
    }
    for (const { key } of keys) if (!taken.has(key)) taken.set(key, at)
  }
}
