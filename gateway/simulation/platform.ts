import { drawTime } from './draw-time.ts'
import type { PlatformConfig, PlatformEvent } from './scenario-schema.ts'
import { seededAt } from './seeded.ts'
import type { SimulatedAttempt } from './simulated-call.ts'

/** Milliseconds until a platform refuses, or is found to be away. */
const REFUSING_MS = 1

/** What a Platform needs of the run. */
export interface PlatformHost {
  readonly seed: number
  /** Milliseconds since 1970 when the run began. */
  readonly epoch: number
  /** Milliseconds that a recorded call takes here; null where the scenario says. */
  recordedMs(attempt: SimulatedAttempt, chance: number): number | null
  /** The attempt ends then, unless it is over before. */
  endAt(attempt: SimulatedAttempt, at: number): void
}

/**
 * How a backend behaves: serves so many calls at once, keeps some waiting, refuses the others; starts instances; has bad
 * times. Chance belongs to the call, the attempt and the backend, so that two configurations meet the same platform.
 */
export class Platform {
  readonly #config: PlatformConfig
  readonly #index: number
  readonly #host: PlatformHost
  readonly #waiting: SimulatedAttempt[] = []
  /** By function: when each idle instance was last used, the latest last. */
  readonly #idle = new Map<string, number[]>()
  #running = 0

  /** @param index Tells platforms of one run apart. */
  constructor(config: PlatformConfig, index: number, host: PlatformHost) {
    this.#config = config
    this.#index = index
    this.#host = host
  }

  get running(): number {
    return this.#running
  }

  /** Calls at once that it serves; infinite for any number. */
  get capacity(): number {
    return this.#config.capacity ?? Number.POSITIVE_INFINITY
  }

  begin(attempt: SimulatedAttempt, now: number): void {
    const event = this.#eventOf(attempt, now)
    if (event !== null && this.#spoil(attempt, event, now)) return
    if (this.#running < this.capacity) this.#run(attempt, event, now)
    else if (this.#waiting.length < this.#config.queue) this.#keep(attempt)
    else this.#end(attempt, 'overloaded', 0, now + REFUSING_MS)
  }

  /** The attempt is over, whyever. */
  finished(attempt: SimulatedAttempt, now: number): void {
    if (attempt.waits) {
      attempt.waits = false
      this.#waiting.splice(this.#waiting.indexOf(attempt), 1)
    }
    if (!attempt.runs) return
    this.#running--
    if (this.#config.coldStart !== null) this.#instancesOf(attempt).push(now)
    const next = this.#waiting.shift()
    if (next === undefined) return
    next.waits = false
    this.#run(next, this.#eventOf(next, now), now)
  }

  #keep(attempt: SimulatedAttempt): void {
    attempt.waits = true
    this.#waiting.push(attempt)
  }

  #run(attempt: SimulatedAttempt, event: PlatformEvent | null, now: number): void {
    this.#running++
    attempt.runs = true
    const ms =
      (this.#host.recordedMs(attempt, this.#chance(attempt, 1)) ??
        drawTime(this.#config.service, this.#chance(attempt, 1), this.#chance(attempt, 2))) +
      this.#startMs(attempt, now) +
      (event?.calls === 'slower' ? event.by : 0)
    if (event?.calls === 'reset') {
      this.#end(attempt, 'reset', 0, now + ms / 2)
      return
    }
    const isError = this.#chance(attempt, 3) < this.#config.errors
    this.#end(attempt, 'answered', isError ? 500 : 200, now + ms)
  }

  /** True when the bad time decides all about an attempt. */
  #spoil(attempt: SimulatedAttempt, { calls }: PlatformEvent, now: number): boolean {
    if (calls === 'unreachable' || calls === 'overloaded') this.#end(attempt, calls, 0, now + REFUSING_MS)
    else if (calls === 'fail') this.#end(attempt, 'answered', 500, now + REFUSING_MS)
    else return calls === 'hang'
    return true
  }

  /** An instance serves one call at once. */
  #startMs(attempt: SimulatedAttempt, now: number): number {
    const { coldStart } = this.#config
    if (coldStart === null) return 0
    const last = this.#instancesOf(attempt).pop()
    return last === undefined || now - last > coldStart.idle ? coldStart.time : 0
  }

  #instancesOf({ deployment }: SimulatedAttempt): number[] {
    const key = `${deployment.organization}/${deployment.functionName}`
    let idle = this.#idle.get(key)
    if (idle === undefined) {
      idle = []
      this.#idle.set(key, idle)
    }
    return idle
  }

  #eventOf(attempt: SimulatedAttempt, now: number): PlatformEvent | null {
    const { events } = this.#config
    for (let i = 0; i < events.length; i++) {
      const event = events[i]!
      const since = now - this.#host.epoch - event.from
      if (since >= 0 && since < event.for && this.#chance(attempt, 4 + i) < event.share) return event
    }
    return null
  }

  #end(attempt: SimulatedAttempt, outcome: SimulatedAttempt['outcome'], status: number, at: number): void {
    attempt.outcome = outcome
    attempt.status = status
    this.#host.endAt(attempt, at)
  }

  #chance({ call }: SimulatedAttempt, purpose: number): number {
    return seededAt(this.#host.seed, call.index, this.#index * 16 + call.attempts, purpose)
  }
}
