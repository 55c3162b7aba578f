import { NANO } from '../capacity/call-price.ts'
import type { Outcome } from '../contract/outcome.ts'
import type { SimulatedAttempt, SimulatedCall } from './simulated-call.ts'
import type { BackendResult, LatencyResult, SimulationNote, SimulationResult } from './simulation-result.ts'
import { TimeHistogram } from './time-histogram.ts'

/** More than anybody reads. */
const MOST_NOTES = 100

/** A backend as the tally knows it. */
export interface TalliedBackend {
  readonly name: string
  readonly burst: boolean
  /** Calls at once that it can take, declared or true, whichever is less; infinite without either. */
  readonly capacity: number
  /** Calls at once that it has now, as the gateway counts them. */
  inFlight(): number
}

/** Counts what happens in a run. */
export class Tally {
  readonly #stepMs: number
  readonly #backends: ReadonlyMap<string, BackendTally>
  readonly #latency = new TimeHistogram()
  readonly #waits = new TimeHistogram()
  readonly #refused = new Map<string, number>()
  readonly #failed = new Map<string, number>()
  readonly #notes: SimulationNote[] = []
  readonly #arrivals: number[] = []
  readonly #servedBy: number[] = []
  readonly #refusedBy: number[] = []
  #arrived = 0
  #served = 0
  #errors = 0
  #retries = 0
  #samples = 0

  /** @param stepMs Length of a point of the plot. */
  constructor(backends: readonly TalliedBackend[], stepMs: number) {
    this.#stepMs = stepMs
    this.#backends = new Map(backends.map((backend) => [backend.name, new BackendTally(backend)]))
  }

  /** @param atMs Milliseconds since the start, here and below. */
  arrived(atMs: number): void {
    this.#arrived++
    increase(this.#arrivals, this.#stepOf(atMs))
  }

  /** @param tier What step of the ladder the deployment is for this call. */
  began({ call, deployment }: SimulatedAttempt, tier: string): void {
    if (call.attempts > 1) this.#retries++
    const backend = this.#backends.get(deployment.backend)!
    backend.attempts++
    count(backend.tiers, tier)
  }

  /** @param nano What it cost. */
  ended({ deployment, startedAt }: SimulatedAttempt, outcome: Outcome, nano: number, now: number): void {
    const backend = this.#backends.get(deployment.backend)!
    backend.nano += nano
    if (outcome === 'answered') backend.latency.add(now - startedAt)
    else count(backend.failures, outcome)
  }

  served(call: SimulatedCall, backend: string, status: number, now: number, atMs: number): void {
    this.#served++
    if (status >= 500) this.#errors++
    this.#backends.get(backend)!.served++
    this.#latency.add(now - call.arrivedAt)
    this.#waited(call)
    increase(this.#servedBy, this.#stepOf(atMs))
  }

  refused(call: SimulatedCall, reason: string, atMs: number): void {
    count(this.#refused, reason)
    this.#waited(call)
    increase(this.#refusedBy, this.#stepOf(atMs))
  }

  failed(call: SimulatedCall, outcome: Outcome, atMs: number): void {
    count(this.#failed, outcome)
    this.#waited(call)
    increase(this.#refusedBy, this.#stepOf(atMs))
  }

  note(atMs: number, text: string): void {
    if (this.#notes.length < MOST_NOTES) this.#notes.push({ atMs: Math.round(atMs), text })
  }

  /** Several times in each step, at equal distances. */
  sample(atMs: number): void {
    this.#samples++
    for (const backend of this.#backends.values()) backend.sample(this.#stepOf(atMs))
  }

  result(facts: Pick<SimulationResult, 'file' | 'seed' | 'lengthMs'>): SimulationResult {
    const steps = Math.ceil(facts.lengthMs / this.#stepMs)
    const filled = (counts: readonly number[]) => Array.from({ length: steps }, (_, i) => counts[i] ?? 0)
    const backends = [...this.#backends.values()]
    return {
      ...facts,
      calls: {
        arrived: this.#arrived,
        served: this.#served,
        errors: this.#errors,
        refused: Object.fromEntries(this.#refused),
        failed: Object.fromEntries(this.#failed),
        retries: this.#retries,
        waited: this.#waits.count,
      },
      latencyMs: latencyOf(this.#latency),
      waitMs: latencyOf(this.#waits),
      money: backends.reduce((sum, { nano }) => sum + nano, 0) / NANO,
      backends: backends.map((backend) => backend.result(this.#served, this.#samples)),
      notes: this.#notes,
      series: {
        stepMs: this.#stepMs,
        arrivals: filled(this.#arrivals),
        served: filled(this.#servedBy),
        refused: filled(this.#refusedBy),
        inFlight: Object.fromEntries(backends.map((backend) => [backend.name, backend.inFlight(steps)])),
      },
    }
  }

  #waited({ waitedMs }: SimulatedCall): void {
    if (waitedMs > 0) this.#waits.add(waitedMs)
  }

  #stepOf(atMs: number): number {
    return Math.floor(atMs / this.#stepMs)
  }
}

class BackendTally {
  readonly #backend: TalliedBackend
  readonly latency = new TimeHistogram()
  readonly failures = new Map<string, number>()
  readonly tiers = new Map<string, number>()
  readonly #sums: number[] = []
  readonly #counts: number[] = []
  attempts = 0
  served = 0
  nano = 0
  #peak = 0
  #sum = 0

  constructor(backend: TalliedBackend) {
    this.#backend = backend
  }

  get name(): string {
    return this.#backend.name
  }

  sample(step: number): void {
    const inFlight = this.#backend.inFlight()
    this.#sum += inFlight
    this.#peak = Math.max(this.#peak, inFlight)
    increase(this.#sums, step, inFlight)
    increase(this.#counts, step)
  }

  /** Averages by step. */
  inFlight(steps: number): number[] {
    return Array.from({ length: steps }, (_, i) => rounded((this.#sums[i] ?? 0) / (this.#counts[i] ?? 1)))
  }

  result(served: number, samples: number): BackendResult {
    const { capacity, burst } = this.#backend
    return {
      name: this.name,
      burst,
      capacity: Number.isFinite(capacity) ? capacity : null,
      attempts: this.attempts,
      served: this.served,
      share: served === 0 ? 0 : this.served / served,
      tiers: Object.fromEntries([...this.tiers].sort(([one], [other]) => (one < other ? -1 : 1))),
      failures: Object.fromEntries(this.failures),
      latencyMs: latencyOf(this.latency),
      inFlight: { mean: samples === 0 ? 0 : rounded(this.#sum / samples), peak: this.#peak },
      money: this.nano / NANO,
    }
  }
}

function latencyOf(times: TimeHistogram): LatencyResult {
  return {
    p50: rounded(times.quantile(0.5)),
    p95: rounded(times.quantile(0.95)),
    p99: rounded(times.quantile(0.99)),
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function increase(counts: number[], at: number, by = 1): void {
  while (counts.length <= at) counts.push(0)
  counts[at]! += by
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100
}
