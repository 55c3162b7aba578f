import type { BurstCharge } from '../capacity/burst-charge.ts'
import type { Admission } from '../capacity/deployment-health.ts'
import type { Line, Queued } from '../capacity/fair-queue.ts'
import type { Outcome } from '../contract/outcome.ts'
import type { Deployment } from '../placement/deployment.ts'
import type { Hint } from '../placement/hint.ts'
import type { Placing } from '../placement/placing.ts'
import type { FunctionTarget } from '../snapshot/function-target.ts'
import type { Arrival } from './arrivals.ts'

/** One call on its way, as `ActiveCall` is one of a gateway. */
export class SimulatedCall implements Placing, Queued {
  /** Counts the calls of the run: what chance does to it hangs on this. */
  readonly index: number
  readonly arrival: Arrival
  readonly target: FunctionTarget
  readonly hint: Hint | null
  readonly entryZone: string | null
  readonly repeatable: boolean
  /** Milliseconds since 1970. */
  readonly arrivedAt: number
  readonly deadlineAt: number
  tried = 0
  lastTried: Deployment | null = null
  admission: Admission = 0
  charge: BurstCharge | null = null
  degraded = false
  busy = false
  chosen: Deployment | null = null
  attempts = 0
  line: Line | null = null
  ahead: Queued | null = null
  behind: Queued | null = null
  /** Milliseconds since 1970; 0 while it does not wait. */
  waitsSince = 0
  waitedMs = 0

  constructor(
    index: number,
    arrival: Arrival,
    target: FunctionTarget,
    entryZone: string | null,
    now: number,
  ) {
    this.index = index
    this.arrival = arrival
    this.target = target
    this.hint = arrival.hint
    this.entryZone = entryZone
    this.repeatable = (arrival.repeatable || target.idempotent) && arrival.attempts > 1
    this.arrivedAt = now
    this.deadlineAt = now + target.timeoutMs
  }
}

/** One try of a call on one Deployment. */
export class SimulatedAttempt {
  readonly call: SimulatedCall
  readonly deployment: Deployment
  readonly admission: Admission
  readonly charge: BurstCharge | null
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** How it ends when its time has come; decided by the platform. */
  outcome: Outcome = 'timeout'
  /** Of the answer; 0 without one. */
  status = 0
  /** It has a place on its platform, which is given back at its end. */
  runs = false
  /** It waits for one. */
  waits = false
  isOver = false

  constructor(call: SimulatedCall, deployment: Deployment, now: number) {
    this.call = call
    this.deployment = deployment
    this.admission = call.admission
    this.charge = call.charge
    this.startedAt = now
  }
}
