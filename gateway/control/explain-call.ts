import { createAuthorizer } from '../authorization/authorizer.ts'
import type { RouteConfig } from '../config/schema.ts'
import type { Principal } from '../contract/principal.ts'
import type { Rejection } from '../contract/rejection.ts'
import type { Caller, ExplainedCall, PlacementAnswer, RouteAnswer } from '../management/host.ts'
import { explainPlacement } from '../placement/explain.ts'
import { untried } from '../placement/placing.ts'
import { functionKey } from '../snapshot/compile-functions.ts'
import type { Gateway } from './gateway.ts'
import { unknownFunction } from './unknown-function.ts'

/** Where a call that nobody makes would go now, as seen in the memory that all threads share. */
export function explainCall(
  { config, control }: Gateway,
  organization: string,
  functionName: string,
  { hint, zone, caller }: ExplainedCall,
): PlacementAnswer | Rejection {
  const snapshot = control.current
  const target = snapshot.functions.get(functionKey(organization, functionName))
  if (target === undefined) return unknownFunction(snapshot, organization, functionName)
  const entryZone = zone === null ? null : snapshot.entryZones.resolve(zone)
  const isOfFunction = (route: RouteConfig) =>
    route.organization === organization && route.functionName === functionName
  const routes = caller === null ? [] : config.routes.filter(isOfFunction)
  return {
    ...explainPlacement(target, untried({ hint, entryZone }), Date.now()),
    routes: routes.map((route) => answerOf(route, caller!, config.identity.realm)),
  }
}

function answerOf({ name, auth }: RouteConfig, caller: Caller, realm: string): RouteAnswer {
  if (auth === null) return { route: name, refusal: null }
  const principal: Principal = {
    ...caller,
    subject: '',
    issuer: '',
    groups: [],
    key: '',
    expiresAt: Number.POSITIVE_INFINITY,
    credential: 'jwt',
  }
  const refusal = createAuthorizer(auth, realm).check(principal)
  return { route: name, refusal: refusal === undefined ? null : refusal.reason }
}
