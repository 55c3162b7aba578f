import type { HeaderList } from '../contract/headers.ts'
import type { Deployment } from '../placement/deployment.ts'
import { explainPlacement, withChoice, withoutChoice } from '../placement/explain.ts'
import { explainField } from '../placement/explain-field.ts'
import type { PlacementExplanation } from '../placement/explanation.ts'
import { place } from '../placement/place.ts'
import type { ActiveCall } from './active-call.ts'

/** Of the few calls that asked and whose caller may know: no other pays for it. */
const explanations = new WeakMap<ActiveCall, PlacementExplanation>()

/**
 * Places a call whose caller asked for the reasons (`Dispatch-Explain: 1`), and keeps them for the head of the answer if
 * one of the caller's roles may know. For anyone else it is `place`: they cannot even tell that there is such a role.
 * A call that waits tries often, so it is explained when it has got its slot.
 */
export function placeExplained(call: ActiveCall, now: number): Deployment | null {
  const { target } = call.route
  if (!mayKnow(call)) return place(target.placement, call, now)
  const before = call.state === 'waiting' ? null : explainPlacement(target, call, now)
  const deployment = place(target.placement, call, now)
  if (deployment !== null)
    explanations.set(call, withChoice(before ?? explainPlacement(target, call, now), deployment))
  else if (before !== null) explanations.set(call, withoutChoice(before, call.busy))
  return deployment
}

/** Puts the reasons into a head, if the caller may know them. */
export function addExplanation(call: ActiveCall, headers: HeaderList): void {
  if (!call.wantsExplain) return
  const { attempt, deadlineAt, route, attempts, waitedMs } = call
  let explanation = explanations.get(call)
  // Refused without a try, because others wait already.
  if (explanation === undefined && deadlineAt !== 0 && mayKnow(call))
    explanation = withoutChoice(explainPlacement(route.target, call, Date.now()), true)
  // A hedge may have answered, which nobody explained.
  if (explanation?.decision === 'placed' && attempt !== null)
    explanation = withChoice(explanation, attempt.deployment)
  if (explanation !== undefined)
    headers.flat.push('dispatch-explain', explainField(explanation, attempts, waitedMs))
}

function mayKnow({ principal, snapshot }: ActiveCall): boolean {
  return principal !== null && snapshot.explainRoles.some((role) => principal.roles.includes(role))
}
