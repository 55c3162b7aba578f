import { Rejection } from '../contract/rejection.ts'
import type { ActiveCall } from './active-call.ts'

const NO_ROUTE = new Rejection('GW_NO_ROUTE')
const DELIMITER = new Rejection(
  'GW_BAD_TARGET',
  'An escaped # or ? is allowed only in the part that a wildcard matches.',
)

/** Finds the Route by host, path and method; the most specific host that has one wins. */
export function matchRoute(call: ActiveCall): Rejection | undefined {
  const route = call.snapshot.router.match(call.host, call.method, call.path)
  if (route === null) return unmatched(call)
  if (call.delimiterAt >= 0 && call.delimiterAt < route.wildcardAt(call.path)) return DELIMITER
  call.route = route
  return undefined
}

function unmatched(call: ActiveCall): Rejection {
  const methods = call.snapshot.router.methodsAt(call.host, call.path)
  if (methods.length === 0) return NO_ROUTE
  return new Rejection('GW_METHOD_NOT_ALLOWED', '', ['allow', methods.join(', ')])
}
