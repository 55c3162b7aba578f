import type { BurstGate } from './burst-gate.ts'
import type { Deployment } from './deployment.ts'
import type { Placing } from './placing.ts'
import type { Plan } from './plan.ts'
import { TierSaturation } from './tier-saturation.ts'

/** A Deployment that is never chosen, and why, one phrase for each reason. */
export interface Excluded {
  readonly deployment: Deployment
  readonly reasons: readonly string[]
}

export interface FunctionPlacementParts {
  readonly excluded: readonly Excluded[]
  /** By the place where calls come in, `region/zone` or `region`. */
  readonly plans: ReadonlyMap<string, Plan>
  /** For calls that come in where the gateway is, or anywhere else. */
  readonly home: Plan
  /** Null when the Function never bursts. */
  readonly burst: BurstGate | null
  /** A Deployment without a running instance is passed over while another tier has a warm one. */
  readonly prefersWarm: boolean
  /** Gives a number from 0 below 1. */
  readonly random: () => number
}

/** Where calls of one Function can go: everything about it that is decided at load. */
export class FunctionPlacement {
  readonly excluded: readonly Excluded[]
  readonly home: Plan
  readonly burst: BurstGate | null
  readonly prefersWarm: boolean
  readonly random: () => number
  readonly #plans: ReadonlyMap<string, Plan>

  constructor(parts: FunctionPlacementParts) {
    this.excluded = parts.excluded
    this.home = parts.home
    this.burst = parts.burst
    this.prefersWarm = parts.prefersWarm
    this.random = parts.random
    this.#plans = parts.plans
  }

  /** Whether a call may go to burst Backends at all; the budget is asked when one is chosen. */
  mayBurst({ hint }: Placing): boolean {
    return this.burst !== null && (hint === null || hint.burst)
  }

  /** @param zone Where a call came in, one of the entry zones; null for where the gateway is. */
  planFor(zone: string | null): Plan {
    return zone === null ? this.home : (this.#plans.get(zone) ?? this.home)
  }
}

const NO_CELLS = { claim: (_key: string, words: number) => new Int32Array(words) }
const NO_PLAN: Plan = { tiers: [], saturation: new TierSaturation(NO_CELLS, '', [], 1, 0) }

/** Of a Function that does not exist. */
export const NO_PLACEMENT = new FunctionPlacement({
  excluded: [],
  plans: new Map(),
  home: NO_PLAN,
  burst: null,
  prefersWarm: false,
  random: Math.random,
})
