import { Rejection } from '../contract/rejection.ts'
import { place } from '../placement/place.ts'
import { noteTried } from '../placement/placing.ts'
import type { ActiveCall } from './active-call.ts'
import { Attempt } from './attempt.ts'
import { hedgeLater, wakeSleeper } from './hedge.ts'
import { placeExplained } from './place-explained.ts'
import { BODY_TOO_LARGE, refuse, refuseOutcome } from './refuse.ts'
import { wait } from './wait.ts'

const NO_DEPLOYMENT = new Rejection('GW_NO_DEPLOYMENT', '', ['retry-after', '5'])

/** Has a Deployment of the Route's Function serve the call, after its body if that is small enough to be replayed. */
export function invoke(call: ActiveCall): void {
  call.accessedAt = performance.now()
  call.upstreamPath = call.route.upstreamPath(call.sentPath, call.query)
  if (call.bodyLength > call.bodyLimit) refuse(call, BODY_TOO_LARGE)
  else if (call.bodyLength === 0) attemptWith(call)
  else takeBody(call)
}

function takeBody(call: ActiveCall): void {
  call.exchange.continueBody()
  if (call.bodyLength > 0 && call.bodyLength <= call.snapshot.limits.replayBytes) {
    call.state = 'body'
    call.exchange.readBody()
  } else {
    attemptWith(call)
  }
}

/** First attempt: from here on the deadline runs. */
export function attemptWith(call: ActiveCall): void {
  call.state = 'invoking'
  call.deadlineAt = Date.now() + call.route.timeoutMs
  call.services.deadlines.watch(call, call.route.timeoutMs)
  const { target } = call.route
  target.retryBudget.deposit()
  nextAttempt(call)
}

/**
 * Places the call and starts an attempt, or has it wait; the attempt before must be settled. A call that fails over asks
 * for a slot before those that wait for their first: it has had its turn. Where all are full it waits like any other,
 * also when it may have been executed: it is safe to repeat then.
 */
export function nextAttempt(call: ActiveCall): void {
  if ((call.attempts === 0 && isBehindOthers(call)) || !tryPlace(call)) wait(call)
  else attempt(call)
}

/** Somebody waits who would take the slot that this call would take. */
function isBehindOthers({ hint, route }: ActiveCall): boolean {
  const { load } = route.target
  return (hint === null ? load.waitingForAny : load.waiting) > 0
}

/** False when the call has to wait. Else its slot is taken, or nobody can serve it: `chosen` is then null. */
export function tryPlace(call: ActiveCall): boolean {
  const now = Date.now()
  call.chosen = call.wantsExplain ? placeExplained(call, now) : place(call.route.target.placement, call, now)
  return call.chosen !== null || !call.busy
}

/** Has the Deployment that was chosen serve the call. */
export function attempt(call: ActiveCall): void {
  const deployment = call.chosen
  if (deployment === null) {
    refuse(call, NO_DEPLOYMENT)
    return
  }
  if (call.bodyLength !== 0 && !Buffer.isBuffer(call.body))
    call.body = call.exchange.streamBody(call.bodyLimit)
  call.attempts++
  noteTried(call, deployment)
  call.attempt = new Attempt(call, deployment)
  hedgeLater(call)
  call.attempt.run()
  wakeSleeper(call)
}

/**
 * A streamed body gets the function's whole time after its last byte: the deadline of a long upload moves with it,
 * and an upload that stopped is ended by the time between two pieces.
 */
export function onLateAnswer(call: ActiveCall): void {
  const uploading = call.bodyLength !== 0 && !Buffer.isBuffer(call.body)
  const quietMs = performance.now() - call.movedAt
  const left = uploading ? Math.ceil(call.route.timeoutMs - quietMs) : 0
  if (left > 0) {
    call.deadlineAt = Date.now() + left
    call.services.deadlines.watch(call, left)
    return
  }
  call.abandon('timeout')
  refuseOutcome(call, 'timeout', `no answer within ${call.route.timeoutMs} ms`)
}
