import { burstStatus } from '../observe/burst-status.ts'
import { reasonsAgainst } from './candidate-reasons.ts'
import type { Deployment } from './deployment.ts'
import { expectedChoice } from './expected-choice.ts'
import type {
  BurstExplanation,
  CandidateExplanation,
  DeploymentName,
  PlacementExplanation,
} from './explanation.ts'
import type { FunctionPlacement } from './function-placement.ts'
import type { Placing } from './placing.ts'
import type { Plan } from './plan.ts'
import { sayDecision } from './say-decision.ts'
import { spreadLoads } from './spill.ts'
import { useOf } from './tier-saturation.ts'

/** The part of a Function that is explained. */
export interface Explained {
  readonly organization: string
  readonly name: string
  readonly placement: FunctionPlacement
}

/**
 * What `place` would do with a call at this moment, and why. Takes nothing; it measures the tiers again when that is
 * due, as any call does.
 *
 * @param placing A call that is not placed yet; is not changed.
 */
export function explainPlacement(fn: Explained, placing: Placing, now: number): PlacementExplanation {
  const { placement } = fn
  const plan = placement.planFor(placing.entryZone)
  plan.saturation.tick(now)
  const burst = explainBurst(placement, placing, now)
  const loads = loadsOf(plan, burst, now)
  const { deployment, busy, certain } = expectedChoice(placement, placing, loads, now)
  const explained = {
    organization: fn.organization,
    functionName: fn.name,
    entryZone: placing.entryZone,
    decision: deployment === null ? (busy ? 'busy' : 'nobody') : 'placed',
    chosen: nameOf(deployment),
    certain,
    reason: '',
    burst,
    tiers: plan.tiers.map((tier, i) => ({
      place: tier.place,
      burst: tier.burst,
      degraded: tier.degraded,
      load: loads[i]!,
      health: plan.saturation.healthOf(i, now),
      use: useOf(tier, now),
      saturation: plan.saturation.of(i),
      candidates: tier.deployments.map((one) => explainCandidate(one, placement, burst, placing, now)),
    })),
    excluded: placement.excluded.map(({ deployment, reasons }) => ({ ...nameOf(deployment)!, reasons })),
  } as const
  return { ...explained, reason: sayDecision(explained) }
}

/** The same of a call that has been placed meanwhile: with what chance, or another thread, made of it. */
export function withChoice(before: PlacementExplanation, chosen: Deployment): PlacementExplanation {
  const after = { ...before, decision: 'placed', chosen: nameOf(chosen), certain: true } as const
  return { ...after, reason: sayDecision(after) }
}

/** The same of a call for which there was no slot after all. */
export function withoutChoice(before: PlacementExplanation, busy: boolean): PlacementExplanation {
  const after = { ...before, decision: busy ? 'busy' : 'nobody', chosen: null, certain: true } as const
  return { ...after, reason: sayDecision(after) }
}

function nameOf(deployment: Deployment): DeploymentName
function nameOf(deployment: Deployment | null): DeploymentName | null
function nameOf(deployment: Deployment | null): DeploymentName | null {
  return deployment === null ? null : { backend: deployment.backend, name: deployment.name }
}

function explainBurst(placement: FunctionPlacement, placing: Placing, now: number): BurstExplanation {
  const budgets = placement.burst?.read(now).map(burstStatus) ?? []
  if (placement.burst === null) return { closed: 'the function has no `burst`', budgets }
  return { closed: placement.mayBurst(placing) ? null : 'the caller asked for none', budgets }
}

function loadsOf({ tiers, saturation }: Plan, { closed }: BurstExplanation, now: number): Float64Array {
  const health = tiers.map((tier, i) => (tier.burst && closed !== null ? 0 : saturation.healthOf(i, now)))
  const loads = new Float64Array(tiers.length)
  if (!spreadLoads(health, loads, tiers.length) && tiers.length > 0) loads[0] = 100
  return loads
}

function explainCandidate(
  deployment: Deployment,
  placement: FunctionPlacement,
  burst: BurstExplanation,
  placing: Placing,
  now: number,
): CandidateExplanation {
  const { backend, name, slot, backendSlot } = deployment
  return {
    backend,
    name,
    state: deployment.state(now),
    cold: slot.latency.cold,
    inFlight: slot.inFlight,
    limit: finite(slot.limit),
    perSecond: slot.pace.perSecond || null,
    backendInFlight: backendSlot.inFlight,
    backendLimit: finite(backendSlot.concurrency),
    costMs: slot.latency.cost(now),
    successShare: slot.latency.successShare(now),
    score: deployment.score(now),
    reasons: reasonsAgainst(deployment, placement, burst, placing, now),
  }
}

function finite(limit: number): number | null {
  return Number.isFinite(limit) ? limit : null
}
