import type { BackendSlot } from '../capacity/backend-slot.ts'
import { ADMITTED, type Admission, type HealthState, REFUSED } from '../capacity/deployment-health.ts'
import type { DeploymentSlot } from '../capacity/deployment-slot.ts'
import type { Offers } from '../constraints/needs.ts'
import type { DeploymentFacts, Invoker } from '../contract/driver.ts'
import { OUTCOMES, type Outcome } from '../contract/outcome.ts'
import type { Log } from '../contract/plugin.ts'

/** What placement looks at; decided by the configuration. */
export interface DeploymentTraits {
  /** `region/zone` or `region`; null when unknown. */
  readonly zone: string | null
  readonly offers: Offers
  readonly burst: boolean
  /** Takes no new calls. */
  readonly drain: boolean
}

export interface DeploymentParts {
  readonly facts: DeploymentFacts
  readonly backend: string
  readonly index: number
  readonly traits: DeploymentTraits
  readonly invoker: Invoker
  readonly slot: DeploymentSlot
  readonly backendSlot: BackendSlot
  readonly log: Log
}

/** Milliseconds that a failure counts as at least, or what fails fast would look fast. */
const FAILURE_MS = 5000
/** What the success share counts at least, so that a score stays finite. */
const LEAST_SHARE = 0.01

/** A Function on a Backend, ready to be called. */
export class Deployment implements DeploymentFacts {
  readonly organization: string
  readonly functionName: string
  readonly name: string
  readonly backend: string
  /** Position among the Deployments of its Function; the index of its numbers in the metrics. */
  readonly index: number
  readonly traits: DeploymentTraits
  readonly invoker: Invoker
  readonly slot: DeploymentSlot
  readonly backendSlot: BackendSlot
  readonly #log: Log

  constructor(parts: DeploymentParts) {
    this.organization = parts.facts.organization
    this.functionName = parts.facts.functionName
    this.name = parts.facts.name
    this.backend = parts.backend
    this.index = parts.index
    this.traits = parts.traits
    this.invoker = parts.invoker
    this.slot = parts.slot
    this.backendSlot = parts.backendSlot
    this.#log = parts.log
  }

  /** Calls may be sent: not ejected for its failures, and the probes of its Backend do not fail. */
  isHealthy(now: number): boolean {
    return this.backendSlot.ready && this.slot.isHealthy(now)
  }

  state(now: number): HealthState {
    return this.backendSlot.ready ? this.slot.health.state(now) : 'not-ready'
  }

  /** Calls at once that it can take as far as is known; Infinity without a limit. */
  get capacity(): number {
    return Math.min(this.slot.limit, this.backendSlot.concurrency)
  }

  /** Calls as a share of what it can take: of its own limit, its Backend's or the pace, whichever is fuller. */
  use(now: number): number {
    const own = this.slot.inFlight / this.slot.limit
    const shared = this.backendSlot.inFlight / this.backendSlot.concurrency
    return Math.max(own, shared, this.slot.pace.use(now))
  }

  /**
   * How bad it would be to send one more call here, to compare with others: the peak-EWMA of the time to the head of an
   * answer, squared, times the calls in flight; more while it recovers and while its answers are errors, or a function
   * that fails fast would draw all calls to the place where it fails. Finagle takes the cost itself: where durations vary,
   * the worst call of ten seconds and the calls in flight of a good one then look like one that is ten times slower, which
   * keeps 1 to 2 % of the calls (`test/gateway/placement/slow-backend.test.ts`); squared, it keeps less than 1 %.
   */
  score(now: number): number {
    const { health, latency } = this.slot
    const share = Math.max(LEAST_SHARE, latency.successShare(now))
    const cost = latency.cost(now)
    return (cost * cost * (this.slot.inFlight + 1)) / (health.weight(now) * share * share)
  }

  /**
   * Takes a slot here and on the Backend, or none: then `REFUSED`. Any other admission is paired with one `release`.
   *
   * @param forced Also while it is ejected: there is no other.
   */
  tryTake(now: number, forced: boolean): Admission {
    const admission = forced ? this.#tryForce(now) : this.slot.tryAcquire(now)
    if (admission === REFUSED || this.backendSlot.tryAcquire()) return admission
    this.slot.cancel(admission, now)
    return REFUSED
  }

  /** Whether `tryTake` would take a slot at this moment. */
  hasRoom(now: number, forced: boolean): boolean {
    const { backendSlot, slot } = this
    const isFull = slot.inFlight >= slot.limit || backendSlot.inFlight >= backendSlot.concurrency
    return !isFull && slot.pace.hasTurn(now) && (forced || slot.health.wouldAdmit(now))
  }

  #tryForce(now: number): Admission {
    return this.slot.tryAcquireAnyway(now) ? ADMITTED : REFUSED
  }

  release(): void {
    this.backendSlot.release()
    this.slot.release()
  }

  /** Gives a slot back whose call is not sent, in the place of `release`. */
  cancel(admission: Admission, now: number): void {
    this.backendSlot.release()
    this.slot.cancel(admission, now)
  }

  /**
   * Notes how an attempt ended, for later placements. What the client does says nothing about the Deployment, and what
   * the function does wrong is not its platform's fault.
   *
   * @param status Of the answer; 0 without one.
   * @param ms From the start of the attempt to the head of the answer, or to its end.
   * @returns True when the answer was late because no instance ran.
   */
  observe(outcome: Outcome, status: number, ms: number, admission: Admission, now: number): boolean {
    const { adaptive, health, inFlight, latency, pace } = this.slot
    if (OUTCOMES[outcome].code === 'GW_BACKEND_OVERLOADED' || OUTCOMES[outcome].blame === 'client') {
      health.probeOver(admission, now)
      if (outcome === 'overloaded') adaptive?.overloaded(inFlight, now)
      else if (outcome === 'rate-limited') pace.refused(now - ms, now)
      return false
    }
    if (OUTCOMES[outcome].unhealthy) {
      latency.failed(ms, FAILURE_MS, now)
      if (health.failed(now, admission)) this.#reportEjection(outcome)
      return false
    }
    health.succeeded(now)
    if (admission > ADMITTED) latency.forget()
    const isColdStart = latency.answered(ms, now, outcome !== 'answered' || status >= 500)
    if (!isColdStart) adaptive?.answered(ms, inFlight, now)
    return isColdStart
  }

  #reportEjection(outcome: Outcome): void {
    this.#log.warn(
      { backend: this.backend, organization: this.organization, function: this.functionName, outcome },
      'a deployment is ejected',
    )
  }

  /** Tells the operator why an attempt failed; one line per failed attempt. */
  report(outcome: Outcome, detail: string, call: { readonly id: string }): void {
    const { backend, organization, functionName } = this
    this.#log.warn(
      { id: call.id, backend, organization, function: functionName, outcome, detail },
      'an attempt failed',
    )
  }
}
