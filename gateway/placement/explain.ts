import type { HealthState } from '../capacity/deployment-health.ts'
import type { Deployment } from './deployment.ts'
import type { FunctionPlacement } from './function-placement.ts'
import { hintLack } from './hint-allows.ts'
import type { Placing } from './placing.ts'
import type { Plan } from './plan.ts'
import { spreadLoads } from './spill.ts'
import type { Tier } from './tier.ts'
import { useOf } from './tier-saturation.ts'

/** Why a call goes where it goes, or would go at this moment. Holds no address and no secret. */
export interface PlacementExplanation {
  readonly organization: string
  readonly functionName: string
  /** Where the call came in; null for where the gateway is. */
  readonly entryZone: string | null
  /** `busy`: there are Deployments and all are full. `nobody`: none may serve this call. */
  readonly decision: 'placed' | 'busy' | 'nobody'
  readonly chosen: { readonly backend: string; readonly name: string } | null
  /** Why burst tiers are left out; null when they are not. */
  readonly noBurst: string | null
  /** In the order in which they are tried. */
  readonly tiers: readonly TierExplanation[]
  /** Deployments that never serve this Function. */
  readonly excluded: readonly ExcludedExplanation[]
}

export interface ExcludedExplanation {
  readonly backend: string
  readonly name: string
  readonly reasons: readonly string[]
}

export interface TierExplanation {
  /** How near: `same zone`, `same region`, `distance 20`, `elsewhere`. */
  readonly place: string
  readonly burst: boolean
  /** Does not offer all that the Function prefers. */
  readonly degraded: boolean
  /** Percent of the calls that are drawn to this tier first; the others come when it is full. */
  readonly load: number
  /** Percent of all calls that it could take. */
  readonly health: number
  /** Calls in flight as a share of what it can take. */
  readonly use: number
  /** Damped, 0 to 1. */
  readonly saturation: number
  readonly candidates: readonly CandidateExplanation[]
}

export interface CandidateExplanation {
  readonly backend: string
  readonly name: string
  readonly state: HealthState
  readonly cold: boolean
  readonly inFlight: number
  /** Calls at once; null for no limit. */
  readonly limit: number | null
  /** Milliseconds, peak-EWMA. */
  readonly costMs: number
  readonly successShare: number
  /** The less the better. */
  readonly score: number
  /** Why this call does not go there, one phrase each; empty when it may. */
  readonly reasons: readonly string[]
}

/**
 * Explains a placement without taking anything.
 *
 * @param chosen What was chosen for this call; left out for what would be chosen now.
 */
export function explainPlacement(
  owner: { readonly organization: string; readonly name: string },
  placement: FunctionPlacement,
  placing: Placing,
  now: number,
  chosen?: Deployment,
): PlacementExplanation {
  const plan = placement.planFor(placing.entryZone)
  const mayBurst = placement.mayBurst(placing)
  const loads = loadsOf(plan, mayBurst, now)
  const tiers = plan.tiers.map((tier, i) => explainTier(tier, i, plan, loads[i]!, placing, mayBurst, now))
  const expected = chosen ?? expectedOf(plan, loads, tiers)
  const open = tiers.some((tier) => tier.candidates.some(({ reasons }) => reasons.every(isFull)))
  return {
    organization: owner.organization,
    functionName: owner.name,
    entryZone: placing.entryZone,
    decision: expected === null ? (open ? 'busy' : 'nobody') : 'placed',
    chosen: expected === null ? null : { backend: expected.backend, name: expected.name },
    noBurst: noBurst(placement, placing),
    tiers,
    excluded: placement.excluded.map(({ deployment, reasons }) => ({
      backend: deployment.backend,
      name: deployment.name,
      reasons,
    })),
  }
}

const FULL = 'is full'
const BACKEND_FULL = 'its backend is full'

function isFull(reason: string): boolean {
  return reason === FULL || reason === BACKEND_FULL
}

function loadsOf({ tiers, saturation }: Plan, mayBurst: boolean, now: number): Float64Array {
  const health = tiers.map((tier, i) => (tier.burst && !mayBurst ? 0 : saturation.healthOf(i, now)))
  const loads = new Float64Array(tiers.length)
  spreadLoads(health, loads, tiers.length)
  return loads
}

function explainTier(
  tier: Tier,
  index: number,
  { saturation }: Plan,
  load: number,
  placing: Placing,
  mayBurst: boolean,
  now: number,
): TierExplanation {
  return {
    place: tier.place,
    burst: tier.burst,
    degraded: tier.degraded,
    load,
    health: saturation.healthOf(index, now),
    use: useOf(tier, now),
    saturation: saturation.of(index),
    candidates: tier.deployments.map((deployment) => {
      const { slot } = deployment
      return {
        backend: deployment.backend,
        name: deployment.name,
        state: deployment.state(now),
        cold: slot.latency.cold,
        inFlight: slot.inFlight,
        limit: Number.isFinite(deployment.capacity) ? deployment.capacity : null,
        costMs: slot.latency.cost(now),
        successShare: slot.latency.successShare(now),
        score: deployment.score(now),
        reasons: reasonsAgainst(deployment, tier.burst && !mayBurst, placing, now),
      }
    }),
  }
}

function reasonsAgainst(
  deployment: Deployment,
  burstClosed: boolean,
  placing: Placing,
  now: number,
): string[] {
  const reasons: string[] = []
  if (burstClosed) reasons.push('is a burst backend')
  if (placing.hint !== null) {
    const lack = hintLack(placing.hint, deployment, now)
    if (lack !== null) reasons.push(lack)
  }
  if (!deployment.isHealthy(now)) reasons.push(`is ${deployment.state(now)}`)
  const { backendSlot, slot } = deployment
  if (slot.inFlight >= slot.limit) reasons.push(FULL)
  else if (backendSlot.inFlight >= backendSlot.concurrency) reasons.push(BACKEND_FULL)
  return reasons
}

/** The best candidate of the tier that most calls are drawn to, else of the first with any. */
function expectedOf(
  { tiers }: Plan,
  loads: Float64Array,
  explained: readonly TierExplanation[],
): Deployment | null {
  const order = tiers.map((_, i) => i).sort((one, other) => loads[other]! - loads[one]! || one - other)
  for (const i of order) {
    let best = -1
    for (const [at, { reasons, score }] of explained[i]!.candidates.entries()) {
      if (reasons.length === 0 && (best < 0 || score < explained[i]!.candidates[best]!.score)) best = at
    }
    if (best >= 0) return tiers[i]!.deployments[best]!
  }
  return null
}

function noBurst(placement: FunctionPlacement, placing: Placing): string | null {
  if (placement.burst === null) return 'the function has no `burst`'
  if (placing.hint !== null && !placing.hint.burst) return 'the caller asked for none'
  return null
}
