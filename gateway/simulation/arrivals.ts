import type { Hint } from '../placement/hint.ts'
import { hintOf } from '../placement/known-hints.ts'
import type { FlowConfig, Scenario } from './scenario-schema.ts'
import { seededRandom } from './seeded.ts'

/** A call that comes in. */
export interface Arrival {
  /** Milliseconds since the start. */
  readonly atMs: number
  readonly organization: string
  readonly functionName: string
  readonly zone: string | null
  readonly hint: Hint | null
  readonly repeatable: boolean
  /** Tries in all. */
  readonly attempts: number
  /** How long it took when it was recorded, and where; null for one that never was. */
  readonly recorded: { readonly backend: string; readonly ms: number } | null
}

/** How long calls come in, in milliseconds. */
export function lengthOf({ load }: Scenario): number {
  return Math.max(0, ...load.map(({ rate }) => rate.reduce((sum, phase) => sum + phase.for, 0)))
}

/** The calls of a load in the order in which they come in; the same for the same seed. */
export function* arrivalsOf({ load, seed }: Scenario): Generator<Arrival> {
  const flows = load.map((flow, i) => arrivalsOfFlow(flow, seededRandom(seed + 7919 * (i + 1))))
  const next = flows.map((flow) => flow.next().value ?? null)
  for (;;) {
    let first = -1
    for (let i = 0; i < next.length; i++) {
      const at = next[i]?.atMs
      if (at !== undefined && (first < 0 || at < next[first]!.atMs)) first = i
    }
    if (first < 0) return
    yield next[first]!
    next[first] = flows[first]!.next().value ?? null
  }
}

/**
 * A Poisson process whose rate changes, by its inverse: calls come when the expected number of them grows by one, or by
 * an exponential draw.
 */
function* arrivalsOfFlow(flow: FlowConfig, random: () => number): Generator<Arrival, undefined> {
  const parsed = flow.hint === null ? null : hintOf(flow.hint)
  const call = {
    organization: flow.organization,
    functionName: flow.function,
    zone: flow.zone,
    // The scenario was checked.
    hint: parsed as Hint | null,
    repeatable: flow.repeatable,
    attempts: flow.attempts,
    recorded: null,
  }
  const step = () => (flow.arrivals === 'even' ? 1 : -Math.log(1 - random()))
  let begin = 0
  let due = flow.arrivals === 'even' ? 0.5 : step()
  for (const { for: lengthMs, rate, to } of flow.rate) {
    const seconds = lengthMs / 1000
    const slope = ((to ?? rate) - rate) / seconds
    const expected = rate * seconds + (slope * seconds * seconds) / 2
    for (; due < expected; due += step()) {
      yield { ...call, atMs: begin + 1000 * timeOf(due, rate, slope) }
    }
    due -= expected
    begin += lengthMs
  }
}

/** Seconds after which so many calls are expected, at a rate that changes so much per second. */
function timeOf(calls: number, rate: number, slope: number): number {
  if (Math.abs(slope) < 1e-12) return calls / rate
  return (Math.sqrt(Math.max(0, rate * rate + 2 * slope * calls)) - rate) / slope
}
