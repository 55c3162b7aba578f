import type { Exchange } from '../contract/lane.ts'
import type { Route } from '../snapshot/route.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { access } from './access.ts'
import { ActiveCall } from './active-call.ts'
import { readHead } from './read-head.ts'
import { refuse } from './refuse.ts'
import type { Services } from './services.ts'

/**
 * The same story without the match: an operator, whom the management API has authenticated, names the Function. Their
 * token is for the gateway and goes no further.
 */
export function handleDirect(exchange: Exchange, snapshot: Snapshot, route: Route, services: Services): void {
  const call = new ActiveCall(exchange, snapshot, services)
  snapshot.enter()
  services.enter(call)
  exchange.listen(call)
  const refusal = readHead(call)
  call.route = route
  call.requestHeaders.remove('authorization')
  if (refusal === undefined) access(call, 0)
  else refuse(call, refusal)
}
