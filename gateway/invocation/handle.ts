import type { Exchange } from '../contract/lane.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { access } from './access.ts'
import { ActiveCall } from './active-call.ts'
import { matchRoute } from './match-route.ts'
import { readHead } from './read-head.ts'
import { readUpgrade } from './read-upgrade.ts'
import { refuse } from './refuse.ts'
import type { Services } from './services.ts'

/**
 * The story of a request. Everything that can be decided at load was decided then; a request only reads.
 *
 *     read the head ▶ match the Route ▶ access steps ▶ place ▶ invoke ▶ relay ▶ account
 *         (400)            (404)        (401 403 429)   (503)   (502 504)
 *
 * `access` runs the Route's steps: prechecks, authentication, authorization, plugins. `invoke` has a Deployment serve
 * the call, a second one if the first may not have, and `relay` streams the answer. Every path ends in `account`,
 * exactly once.
 */
export function handle(exchange: Exchange, snapshot: Snapshot, services: Services): void {
  const call = new ActiveCall(exchange, snapshot, services)
  snapshot.enter()
  services.enter(call)
  exchange.listen(call)
  const refusal =
    readHead(call) ?? matchRoute(call) ?? (call.upgrade === null ? undefined : readUpgrade(call))
  if (refusal === undefined) access(call, 0)
  else refuse(call, refusal)
}
