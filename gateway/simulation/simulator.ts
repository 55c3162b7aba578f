import type { RunnableConfig } from '../config/load-config.ts'
import { OUTCOMES, type Outcome } from '../contract/outcome.ts'
import type { Deployment } from '../placement/deployment.ts'
import { hasOther } from '../placement/has-other.ts'
import { place } from '../placement/place.ts'
import { noteTried } from '../placement/placing.ts'
import type { Plan } from '../placement/plan.ts'
import type { Arrival } from './arrivals.ts'
import { compileWorld, type World } from './compile-world.ts'
import { EventQueue } from './event-queue.ts'
import { Platform, type PlatformHost } from './platform.ts'
import type { Recording } from './recording.ts'
import type { PlatformConfig, Scenario } from './scenario-schema.ts'
import { seededRandom } from './seeded.ts'
import { SimulatedAttempt, SimulatedCall } from './simulated-call.ts'
import type { SimulationResult } from './simulation-result.ts'
import { Tally } from './tally.ts'
import { isBehindOthers, type WaitingHost, WaitingLine } from './waiting-line.ts'

/** A moment that every run begins at: nothing may depend on the clock. */
const EPOCH = Date.UTC(2026, 0, 1)
/** How often, in milliseconds, the calls at once are looked at, and those that wait. */
const SAMPLE_MS = 100
const LOOK_MS = 5

type Event =
  | { readonly kind: 'end' | 'late'; readonly at: number; readonly attempt: SimulatedAttempt }
  | { readonly kind: 'waited'; readonly at: number; readonly call: SimulatedCall; readonly since: number }
  | { readonly kind: 'sample' | 'look'; readonly at: number }

/** One run of one configuration. */
export class Simulator implements PlatformHost, WaitingHost {
  readonly seed: number
  readonly epoch = EPOCH
  readonly #file: string
  readonly #lengthMs: number
  readonly #recording: Recording | null
  readonly #world: World
  readonly #platforms: ReadonlyMap<string, Platform>
  readonly #tally: Tally
  readonly #events = new EventQueue<Event>()
  readonly #line = new WaitingLine(this)
  readonly #tiers = new WeakMap<Plan, ReadonlyMap<Deployment, string>>()
  #now = EPOCH
  #looks = false
  #calls = 0

  constructor(loaded: RunnableConfig, scenario: Scenario, recording: Recording | null, lengthMs: number) {
    const { config } = loaded
    this.seed = scenario.seed
    this.#file = config.file
    this.#lengthMs = lengthMs
    this.#recording = recording
    const note = (facts: object, message?: string) => this.#note(facts, message ?? '')
    const log = { info() {}, warn: note, error: note }
    this.#world = compileWorld(loaded, EPOCH, seededRandom(scenario.seed), log)
    const platforms = config.backends.map(({ name }, i) => {
      const behaviour = Object.hasOwn(scenario.platforms, name) ? scenario.platforms[name]! : AS_RECORDED
      return [name, new Platform(behaviour, i, this)] as const
    })
    this.#platforms = new Map(platforms)
    const deployments = [...this.#world.functions.values()].flatMap((one) => [...one.deployments])
    const backends = config.backends.map(({ name, burst }) => {
      const slot = deployments.find(({ backend }) => backend === name)?.backendSlot
      const capacity = Math.min(slot?.concurrency ?? Infinity, this.#platforms.get(name)!.capacity)
      return { name, burst, capacity, inFlight: () => slot?.inFlight ?? 0 }
    })
    this.#tally = new Tally(backends, scenario.sample.every)
  }

  /** @param arrivals In the order in which they come in. */
  run(arrivals: Iterator<Arrival>): SimulationResult {
    this.#events.add({ kind: 'sample', at: EPOCH })
    let next = arrivals.next()
    for (;;) {
      const comesAt = next.done === true ? Number.POSITIVE_INFINITY : EPOCH + next.value.atMs
      if (comesAt <= this.#events.nextAt) {
        if (next.done === true) break
        this.#now = comesAt
        this.#arrive(next.value)
        next = arrivals.next()
      } else {
        const event = this.#events.take()!
        this.#now = event.at
        this.#happen(event)
      }
    }
    return this.#tally.result({ file: this.#file, seed: this.seed, lengthMs: this.#lengthMs })
  }

  endAt(attempt: SimulatedAttempt, at: number): void {
    const { deadlineAt } = attempt.call
    if (at < deadlineAt) this.#events.add({ kind: 'end', at, attempt })
    else this.#events.add({ kind: 'late', at: deadlineAt, attempt })
  }

  recordedMs({ call, deployment }: SimulatedAttempt, chance: number): number | null {
    const recorded = call.arrival.recorded
    if (this.#recording === null) return null
    if (recorded?.backend === deployment.backend) return recorded.ms
    const times = this.#recording.times.get(deployment.backend)
    return times === undefined ? null : times[Math.floor(chance * times.length)]!
  }

  tryPlace(call: SimulatedCall, now: number): boolean {
    call.chosen = place(call.target.placement, call, now)
    return call.chosen !== null || !call.busy
  }

  attempt(call: SimulatedCall, now: number): void {
    const { chosen, target } = call
    if (chosen === null) {
      this.refuse(call, 'nobody can serve it')
      return
    }
    call.attempts++
    noteTried(call, chosen)
    const attempt = new SimulatedAttempt(call, chosen, now)
    this.#tally.began(attempt, this.#tierOf(target.placement.planFor(call.entryZone), chosen))
    // For one that waits on its platform, or is never answered.
    this.#platforms.get(chosen.backend)!.begin(attempt, now)
    if (!attempt.runs) this.#events.add({ kind: 'late', at: call.deadlineAt, attempt })
  }

  refuse(call: SimulatedCall, reason: string): void {
    this.#tally.refused(call, reason, this.#now - EPOCH)
  }

  expireAt(call: SimulatedCall, at: number): void {
    this.#events.add({ kind: 'waited', at, call, since: call.waitsSince })
    if (this.#looks) return
    this.#looks = true
    this.#events.add({ kind: 'look', at: this.#now + LOOK_MS })
  }

  #arrive(arrival: Arrival): void {
    const target = this.#world.functions.get(`${arrival.organization}/${arrival.functionName}`)
    // A recording may tell of functions that this configuration does not have.
    if (target === undefined) return
    const zone = arrival.zone === null ? null : this.#world.entryZones.resolve(arrival.zone)
    const call = new SimulatedCall(this.#calls++, arrival, target, zone, this.#now)
    this.#tally.arrived(arrival.atMs)
    target.retryBudget.deposit()
    this.#nextAttempt(call)
  }

  #nextAttempt(call: SimulatedCall): void {
    if ((call.attempts === 0 && isBehindOthers(call)) || !this.tryPlace(call, this.#now))
      this.#line.wait(call, this.#now)
    else this.attempt(call, this.#now)
  }

  #happen(event: Event): void {
    switch (event.kind) {
      case 'end':
        if (!event.attempt.isOver) this.#finish(event.attempt, event.attempt.outcome, event.attempt.status)
        break
      case 'late':
        if (!event.attempt.isOver) this.#finish(event.attempt, 'timeout', 0)
        break
      case 'waited':
        if (event.call.line !== null && event.call.waitsSince === event.since)
          this.#line.late(event.call, this.#now)
        break
      case 'look':
        this.#line.look(this.#now)
        this.#looks = this.#line.size > 0
        if (this.#looks) this.#events.add({ kind: 'look', at: this.#now + LOOK_MS })
        break
      case 'sample':
        this.#tally.sample(this.#now - EPOCH)
        if (this.#now - EPOCH + SAMPLE_MS < this.#lengthMs)
          this.#events.add({ kind: 'sample', at: this.#now + SAMPLE_MS })
    }
  }

  #finish(attempt: SimulatedAttempt, outcome: Outcome, status: number): void {
    const now = this.#now
    const { call, charge, deployment } = attempt
    const ms = now - attempt.startedAt
    const { load } = call.target
    attempt.isOver = true
    if (outcome === 'answered') load.answered(ms, now)
    deployment.observe(outcome, status, ms, attempt.admission, now)
    deployment.release()
    load.released(ms)
    this.#line.released()
    const isFree = OUTCOMES[outcome].executed === 'no'
    if (isFree) charge?.cancel(now)
    else charge?.settle(ms, now)
    this.#platforms.get(deployment.backend)!.finished(attempt, now)
    const price = this.#world.prices.get(call.target)![deployment.index]!
    this.#tally.ended(attempt, outcome, isFree ? 0 : price.nanoFor(ms), now)
    if (outcome === 'answered') this.#tally.served(call, deployment.backend, status, now, now - EPOCH)
    else if (this.#mayRetry(call, outcome, deployment)) this.#nextAttempt(call)
    else this.#tally.failed(call, outcome, now - EPOCH)
    this.#line.serve(now)
  }

  /** As `invocation/retry.ts`, for a body that can be sent again. */
  #mayRetry(call: SimulatedCall, outcome: Outcome, tried: Deployment): boolean {
    const { executed } = OUTCOMES[outcome]
    if (executed === 'yes' || call.attempts >= call.arrival.attempts) return false
    if (executed === 'maybe' && !call.repeatable) return false
    if (this.#now >= call.deadlineAt) return false
    const other = hasOther(call.target.placement, call, tried, this.#now)
    if (!other && (outcome !== 'reset' || call.attempts > 1)) return false
    return call.target.retryBudget.tryTake()
  }

  #tierOf(plan: Plan, deployment: Deployment): string {
    let tiers = this.#tiers.get(plan)
    if (tiers === undefined) {
      tiers = new Map(
        plan.tiers.flatMap(({ deployments, place: where, burst }, i) =>
          deployments.map((one) => [one, `${i + 1}, ${burst ? 'burst' : where}`] as const),
        ),
      )
      this.#tiers.set(plan, tiers)
    }
    return tiers.get(deployment)!
  }

  #note(facts: object, message: string): void {
    const { backend, functionName, organization, outcome } = facts as Record<string, string | undefined>
    if (message === 'an attempt failed') return
    const about = [organization, functionName, backend, outcome].filter((part) => typeof part === 'string')
    this.#tally.note(this.#now - EPOCH, `${message} (${about.join(', ')})`)
  }
}

/** A backend that only a recording tells of. */
const AS_RECORDED: PlatformConfig = {
  service: 100,
  capacity: null,
  queue: 0,
  errors: 0,
  coldStart: null,
  events: [],
}
