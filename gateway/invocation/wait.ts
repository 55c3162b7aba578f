import { performance } from 'node:perf_hooks'
import { LATEST_S } from '../capacity/comeback-schedule.ts'
import { Rejection } from '../contract/rejection.ts'
import type { ActiveCall } from './active-call.ts'
import { attempt } from './invoke.ts'
import { refuse } from './refuse.ts'
import { inFlightOf, isBearable, isPicky, longestWaitMs, untilTurnMs } from './wait-rule.ts'

const MANY = 'too many calls wait'
const LONG = 'it would have to wait too long'
const WAITED = 'it waited as long as it may'

/** Refusals by the seconds of Retry-After. */
const SATURATED = Array.from(
  { length: LATEST_S + 1 },
  (_, seconds) => new Rejection('GW_SATURATED', '', ['retry-after', String(seconds)]),
)

/**
 * All Deployments that could serve the call are full: has it wait for a slot, or refuses it at once when it would not
 * get one in time. Who is let in is nearly always served: the predicted wait may be half of what `waiting.time` allows.
 * Where the Function does not say how long, it is as long as a call usually takes, so that under overload a call takes
 * about twice as long as without, and no longer.
 */
export function wait(call: ActiveCall): void {
  const now = Date.now()
  const longestMs = longestWaitMs(call.route.target, call.deadlineAt, now)
  const objection = longestMs <= 0 ? LONG : admit(call, longestMs, now)
  if (objection !== null) {
    refuseSaturated(call, objection)
    return
  }
  call.services.deadlines.watch(call, longestMs)
  call.state = 'waiting'
  call.waitsSince = performance.now()
  call.services.waitingRoom.enter(call)
}

/** The turn of a call that waited: it has its slot, or there is nobody any more who could serve it. */
export function proceed(call: ActiveCall): void {
  const now = Date.now()
  waitNoMore(call)
  if (call.chosen !== null) call.route.target.load.served(now)
  call.state = 'invoking'
  call.movedAt = performance.now()
  call.services.deadlines.watch(call, call.deadlineAt - now)
  attempt(call)
}

/** The call does not wait any more, whyever. */
export function waitNoMore(call: ActiveCall): void {
  call.services.waitingRoom.leave(call)
  call.route.target.load.left(isPicky(call))
  call.waitedMs += performance.now() - call.waitsSince
}

/** It waited as long as it may. */
export function onWaited(call: ActiveCall): void {
  refuseSaturated(call, WAITED)
}

/** Refuses a call that was not executed, and tells when to come back. */
function refuseSaturated(call: ActiveCall, reason: string): void {
  call.outcome = 'rejected'
  call.reason = reason
  refuse(call, SATURATED[retryAfterSeconds(call)]!)
}

/**
 * When a call that was not executed should come back: not before there is a turn anywhere.
 *
 * @param retryAfterMs What the platform itself said, as in `Sink.fail`.
 */
export function retryAfterSeconds(call: ActiveCall, retryAfterMs = 0): number {
  const { load, placement } = call.route.target
  const now = Date.now()
  const seconds = load.retryAfterSeconds(inFlightOf(call.route.target), now, placement.random())
  const asked = Math.ceil(Math.max(retryAfterMs, untilTurnMs(call.route.target, now)) / 1000)
  return asked > seconds ? Math.min(asked, LATEST_S) : seconds
}

/** Counts a call among those that wait. @returns Why it may not; null when it is done. */
function admit(call: ActiveCall, longestMs: number, now: number): string | null {
  const { load, waiting } = call.route.target
  const picky = isPicky(call)
  const position = call.services.waitingRoom.positionOf(call)
  const inFlight = inFlightOf(call.route.target)
  const isIn = load.tryWait(waiting.most, picky, inFlight, now)
  const predictedMs = load.predictMs(position, now)
  if (predictedMs > longestMs || !isBearable(predictedMs, position, inFlight, call.route.target)) {
    if (isIn) load.left(picky)
    return LONG
  }
  if (isIn) return null
  // The place of one whose organization has more than its share of them.
  const last = call.services.waitingRoom.lastOfLongest(call)
  if (last === null) return MANY
  refuseSaturated(last, MANY)
  return load.tryWait(waiting.most, picky, inFlight, now) ? null : MANY
}
