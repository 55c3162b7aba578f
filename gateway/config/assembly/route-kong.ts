import { quote } from '../mistakes.ts'
import type { RouteKongConfig } from '../schema/kong-routes.ts'
import type { PolicyConfig } from '../schema/routes.ts'
import type { Assembly } from './assembly.ts'
import type { Scope } from './scope.ts'

type WrittenRoute = Scope['routes'][number]

/**
 * What `kong` of a route says, completed by that of the file. Null when Kong does not know the route.
 *
 * @param policies The plugins that the route has.
 */
export function routeKong(
  assembly: Assembly,
  route: WrittenRoute,
  policies: readonly PolicyConfig[],
): RouteKongConfig | null {
  const { reading, document } = assembly
  const { kong } = document
  const written = route.kong
  if (kong === null) {
    if (written !== null && reading.wrote(route, 'kong') && !reading.wrote(document, 'kong')) {
      reading.refuse(reading.locate(route, 'kong'), {
        level: 'warning',
        message: 'this has no effect: there is no Kong',
        expected: '`kong` at the top level',
      })
    }
    return null
  }
  if (written === null) return null
  const names = policies.map(({ plugin }) => plugin)
  for (const [i, plugin] of (written.plugins ?? []).entries()) {
    if (names.includes(plugin)) continue
    reading.refuse(reading.locate(written.plugins!, i), {
      message: `Kong cannot be given the plugin ${quote(plugin)}, which the route does not have`,
      expected: names.length === 0 ? 'a plugin in `plugins` of the route' : `one of ${names.join(', ')}`,
    })
  }
  const protocols = written.protocols ?? kong.protocols
  return {
    protocols,
    redirect: written.redirect ?? kong.redirect,
    plugins: written.plugins ?? kong.plugins.filter((plugin) => names.includes(plugin)),
  }
}
