import { REFUSED } from '../capacity/deployment-health.ts'
import type { Holding } from '../contract/call.ts'
import type { Deployment } from '../placement/deployment.ts'
import { place } from '../placement/place.ts'
import { noteTried } from '../placement/placing.ts'
import { sleeperBefore } from '../placement/sleeper.ts'
import type { ActiveCall } from './active-call.ts'
import { Attempt } from './attempt.ts'
import { isRepeatable } from './retry.ts'

/**
 * Hedging (Dean and Barroso, The Tail at Scale, 2013): a call that takes longer than most is sent to a second Deployment
 * too, and the first head of an answer counts. Only calls that are safe to repeat, within a share of all calls.
 */
export function hedgeLater(call: ActiveCall): void {
  const { hedge, load } = call.route.target
  if (hedge === null || call.attempts !== 1 || !canSendTwice(call)) return
  hedge.budget.deposit()
  const afterMs = hedge.afterMs ?? load.p95Ms
  if (afterMs !== null && afterMs < call.route.timeoutMs) call.keep(new LaterHedge(call, afterMs))
}

/** Ends with its call: a timer that is left to itself keeps the call in memory, and its body, for all its time. */
class LaterHedge implements Holding {
  next: Holding | null = null
  readonly #timer: NodeJS.Timeout

  constructor(call: ActiveCall, afterMs: number) {
    this.#timer = setTimeout(hedgeNow, afterMs, call).unref()
  }

  giveBack(): void {
    clearTimeout(this.#timer)
  }
}

function hedgeNow(call: ActiveCall): void {
  const first = call.attempt
  if (call.state !== 'invoking' || first === null || call.attempts !== 1 || call.rival !== null) return
  const { hedge, placement } = call.route.target
  if (!hedge!.budget.tryTake()) return
  const now = Date.now()
  const deployment = place(placement, call, now)
  if (deployment === null || deployment === first.deployment || deployment.traits.burst) {
    if (deployment !== null) giveBack(call, deployment, now)
    hedge!.budget.giveBack()
    return
  }
  call.services.hedged()
  sendToo(call, deployment)
}

/**
 * A call that a warm Deployment serves because a nearer one sleeps is sent there too, once in a while: that wakes it, and
 * the caller does not wait for it.
 */
export function wakeSleeper(call: ActiveCall): void {
  const { hedge, placement } = call.route.target
  if (!placement.prefersWarm || hedge === null || call.attempts !== 1 || call.state !== 'invoking') return
  const now = Date.now()
  const sleeper = sleeperBefore(placement, call, call.attempt!.deployment, now)
  if (sleeper === null || !canSendTwice(call) || !hedge.wake.tryTake(now)) return
  call.admission = sleeper.tryTake(now, false)
  call.charge = null
  if (call.admission !== REFUSED) sendToo(call, sleeper)
}

/** A second attempt beside the one that runs. */
function sendToo(call: ActiveCall, deployment: Deployment): void {
  call.attempts++
  noteTried(call, deployment)
  call.rival = call.attempt
  call.attempt = new Attempt(call, deployment, performance.now())
  call.attempt.run()
}

/** With its body, if it has one, in memory: a streamed one goes to the first. */
function canSendTwice(call: ActiveCall): boolean {
  return call.upgrade === null && (call.bodyLength === 0 || Buffer.isBuffer(call.body)) && isRepeatable(call)
}

/** There is nobody else: what placement took is not needed. */
function giveBack(call: ActiveCall, deployment: Deployment, now: number): void {
  deployment.slot.health.probeOver(call.admission, now)
  deployment.release()
  call.charge?.cancel(now)
  call.services.waitingRoom.released()
}

/** The head of an answer is there: the other attempt is cut. */
export function winHedge(call: ActiveCall, winner: Attempt): void {
  const loser = winner === call.attempt ? call.rival! : call.attempt!
  if (winner !== call.rival) call.services.hedgeWon()
  call.attempt = winner
  call.rival = null
  loser.lose()
}

/** One of two attempts failed: the call goes on with the other, which has its own time to answer. */
export function loseHedge(call: ActiveCall, failed: Attempt): void {
  if (failed === call.attempt) call.attempt = call.rival
  call.rival = null
}
