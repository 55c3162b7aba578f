import { Rejection, Reply, type Verdict } from '../contract/rejection.ts'
import { describe } from '../transport/upstream-failure.ts'
import type { ActiveCall } from './active-call.ts'
import { invoke } from './invoke.ts'
import { unmatched } from './match-route.ts'
import { refuse } from './refuse.ts'

/** Runs the steps of the Route from one index on; synchronous until a step has to wait. */
export function access(call: ActiveCall, from: number): void {
  const steps = call.route.steps
  for (let i = from; i < steps.length; i++) {
    let verdict: Verdict
    try {
      verdict = steps[i]!.access(call)
    } catch (error) {
      verdict = broken(call, error)
    }
    if (verdict === undefined) continue
    if (verdict instanceof Promise) void wait(call, verdict, i + 1)
    else refuse(call, checked(call, verdict))
    return
  }
  if (call.route.forPreflight) refuse(call, unmatched(call))
  else invoke(call)
}

async function wait(
  call: ActiveCall,
  pending: Promise<undefined | Rejection | Reply>,
  next: number,
): Promise<void> {
  call.services.deadlines.watch(call, call.route.timeoutMs)
  let verdict: undefined | Rejection | Reply
  try {
    verdict = await pending
  } catch (error) {
    verdict = broken(call, error)
  }
  call.dueAt = Number.POSITIVE_INFINITY
  if (call.state !== 'access') return
  if (verdict === undefined) access(call, next)
  else refuse(call, checked(call, verdict))
}

/** A step may wait as long as the function may take, and no longer. */
export function onLateVerdict(call: ActiveCall): void {
  refuse(call, broken(call, new Error('an access step did not come to a verdict in time')))
}

/** A plugin from outside may return anything. */
function checked(call: ActiveCall, verdict: unknown): Rejection | Reply {
  if (verdict instanceof Rejection || verdict instanceof Reply) return verdict
  return broken(call, new TypeError('the verdict is none'))
}

/** A step that throws refuses: nobody passes because a check is broken. */
function broken(call: ActiveCall, error: unknown): Rejection {
  call.services.log.error(
    { id: call.id, route: call.route.name, error: describe(error) },
    'an access step failed',
  )
  return new Rejection('GW_INTERNAL', '', [], describe(error))
}
