import { Rejection, Reply } from '../contract/rejection.ts'
import type { Route } from '../snapshot/route.ts'
import type { ActiveCall } from './active-call.ts'

const NO_ROUTE = new Rejection('GW_NO_ROUTE')
const DELIMITER = new Rejection(
  'GW_BAD_TARGET',
  'An escaped # or ? is allowed only in the part that a wildcard matches.',
)
/** What a balancer hears that asks whether calls may be sent here. */
const READY = new Reply(
  200,
  ['content-type', 'text/plain; charset=utf-8', 'cache-control', 'no-store'],
  'ready\n',
)
const DRAINING = new Rejection('GW_DRAINING', '', ['retry-after', '5'])

/** Finds the Route by host, method and path; the most specific host that has one wins. */
export function matchRoute(call: ActiveCall): Rejection | Reply | undefined {
  if (call.path === call.snapshot.readinessPath && (call.method === 'GET' || call.method === 'HEAD')) {
    return call.services.draining ? DRAINING : READY
  }
  let route = call.snapshot.router.match(call.host, call.method, call.path)
  if (route?.forPreflight === true) route = preflightOf(call)
  if (route === null) return unmatched(call)
  if (call.delimiterAt >= 0 && call.delimiterAt < route.wildcardAt(call.path)) return DELIMITER
  call.route = route
  return undefined
}

/**
 * What answers OPTIONS in the place of the Route that is asked about: of several Routes at one path, each with methods of
 * its own, that of the method to come (Fetch standard, 4.8).
 */
function preflightOf(call: ActiveCall): Route | null {
  const asked = call.header('access-control-request-method')
  return asked === null ? null : (call.snapshot.router.match(call.host, asked, call.path)?.preflight ?? null)
}

/** Whatever is refused because of its method. */
export function unmatched(call: ActiveCall): Rejection {
  const methods = call.snapshot.router.methodsAt(call.host, call.path)
  if (methods.length === 0) return NO_ROUTE
  return new Rejection('GW_METHOD_NOT_ALLOWED', '', ['allow', methods.join(', ')])
}
