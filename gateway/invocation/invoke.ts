import { performance } from 'node:perf_hooks'
import { Rejection } from '../contract/rejection.ts'
import { turns } from '../contract/turns.ts'
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
  const { rewrite } = call.route
  if (rewrite !== null) call.upstreamPath = rewrite(call.sentPath) + call.query
  if (call.bodyLength > call.bodyLimit) refuse(call, BODY_TOO_LARGE)
  else if (call.bodyLength === 0) attemptWith(call, call.accessedAt)
  else takeBody(call)
}

function takeBody(call: ActiveCall): void {
  call.exchange.continueBody()
  if (call.bodyLength > 0 && call.bodyLength <= call.snapshot.limits.replayBytes) {
    call.state = 'body'
    call.exchange.readBody()
  } else {
    attemptWith(call, call.accessedAt)
  }
}

/** First attempt: from here on the deadline runs. @param now Time of `performance.now()`. */
export function attemptWith(call: ActiveCall, now: number): void {
  const { target, timeoutMs } = call.route
  const { time } = turns
  call.state = 'invoking'
  call.deadlineAt = time + timeoutMs
  call.services.deadlines.watch(call, timeoutMs, now)
  target.retryBudget.deposit()
  if (isBehindOthers(call) || !tryPlace(call, time)) wait(call)
  else attempt(call, now)
}

/**
 * Places the call and starts an attempt, or has it wait; the attempt before must be settled. A call that fails over asks
 * for a slot before those that wait for their first: it has had its turn. Where all are full it waits like any other,
 * also when it may have been executed: it is safe to repeat then.
 */
export function nextAttempt(call: ActiveCall): void {
  if (tryPlace(call)) attempt(call)
  else wait(call)
}

/** Somebody waits who would take the slot that this call would take. */
function isBehindOthers({ hint, route }: ActiveCall): boolean {
  const { load } = route.target
  return (hint === null ? load.waitingForAny : load.waiting) > 0
}

/**
 * False when the call has to wait. Else its slot is taken, or nobody can serve it: `chosen` is then null.
 *
 * @param time Milliseconds since 1970.
 */
export function tryPlace(call: ActiveCall, time = Date.now()): boolean {
  call.chosen = call.wantsExplain
    ? placeExplained(call, time)
    : place(call.route.target.placement, call, time)
  return call.chosen !== null || !call.busy
}

/** Has the Deployment that was chosen serve the call. @param now Time of `performance.now()`. */
export function attempt(call: ActiveCall, now = performance.now()): void {
  const deployment = call.chosen
  if (deployment === null) {
    refuse(call, NO_DEPLOYMENT)
    return
  }
  if (call.bodyLength !== 0 && !Buffer.isBuffer(call.body))
    call.body = call.exchange.streamBody(call.bodyLimit)
  call.attempts++
  noteTried(call, deployment)
  call.attempt = new Attempt(call, deployment, now)
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
