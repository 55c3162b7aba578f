import type { BurstGate } from './burst-gate.ts'
import { isEligible, isForced, type Round, take, takeFrom } from './choose.ts'
import type { Deployment } from './deployment.ts'
import type { FunctionPlacement } from './function-placement.ts'
import type { Placing } from './placing.ts'
import type { Plan } from './plan.ts'
import { spreadLoads } from './spill.ts'
import type { Tier } from './tier.ts'

/** Most tiers that a Plan has; two for each distance that is declared, and a few. */
export const MOST_TIERS = 64

/** Of the call at hand. One of each per thread: placement never waits. */
const health = new Float64Array(MOST_TIERS)
const loads = new Float64Array(MOST_TIERS)
/** A burst Deployment would have taken it, and no budget pays. */
let isUnpaid = false

/**
 * Where a call goes, and the slot for it, in one step. Synchronous, allocates nothing:
 *
 *     the Plan of the place where it came in ▶ draw a tier by health and saturation ▶ choose in it, take the slot
 *       ▶ full: the other tiers in their order ▶ nothing: busy, or nobody there
 *
 * Constraints of the Function (needs, residency, organization) are not looked at here: the Plan holds only Deployments
 * that keep them, so that neither load nor an outage leads elsewhere.
 *
 * @param now Milliseconds since 1970.
 * @returns The Deployment, its slot taken and `placing.charge` and `placing.degraded` set, to be given back with
 *   `release`; or null and `placing.busy`.
 */
export function place(placement: FunctionPlacement, placing: Placing, now: number): Deployment | null {
  placing.charge = null
  placing.degraded = false
  placing.busy = false
  isUnpaid = false
  const plan = placement.planFor(placing.entryZone)
  if (plan.tiers.length === 0) return null
  plan.saturation.tick(now)
  const drawn = drawTier(placement, plan, placing, now)
  if (placement.prefersWarm) {
    const warm = tryTiers(placement, plan, drawn, 'warm', placing, now)
    if (warm !== null) return warm
  }
  const fresh = tryTiers(placement, plan, drawn, 'fresh', placing, now)
  if (fresh !== null) return fresh
  if (placing.lastTried !== null) {
    const again = tryTiers(placement, plan, drawn, 'again', placing, now)
    if (again !== null) return again
  }
  if (placing.busy) return null
  // All are ejected, were just tried, or are not paid for: one that may work beats a refusal, wherever it is.
  const anywhere = (placement.random() * plan.tiers.length) | 0
  const anyone =
    tryTiers(placement, plan, anywhere, 'other', placing, now) ??
    tryTiers(placement, plan, anywhere, 'any', placing, now)
  if (anyone === null && isUnpaid) placing.busy = true
  return anyone
}

/** Draws a tier so that each gets its share; the first when no tier has health. */
function drawTier(placement: FunctionPlacement, plan: Plan, placing: Placing, now: number): number {
  const { tiers, saturation } = plan
  if (tiers.length === 1) return 0
  for (let i = 0; i < tiers.length; i++) {
    health[i] = tiers[i]!.burst && !placement.mayBurst(placing) ? 0 : saturation.healthOf(i, now)
  }
  if (!spreadLoads(health, loads, tiers.length)) return 0
  let left = placement.random() * 100
  for (let i = 0; i < tiers.length; i++) {
    left -= loads[i]!
    if (left < 0) return i
  }
  return 0
}

/** The drawn tier, then the others in their order. */
function tryTiers(
  placement: FunctionPlacement,
  plan: Plan,
  drawn: number,
  round: Round,
  placing: Placing,
  now: number,
): Deployment | null {
  const { tiers } = plan
  for (let i = -1; i < tiers.length; i++) {
    if (i === drawn) continue
    const deployment = tryTier(placement, plan, i < 0 ? drawn : i, round, placing, now)
    if (deployment !== null) return deployment
  }
  return null
}

function tryTier(
  placement: FunctionPlacement,
  plan: Plan,
  index: number,
  round: Round,
  placing: Placing,
  now: number,
): Deployment | null {
  const tier = plan.tiers[index]!
  if (tier.burst && !placement.mayBurst(placing)) return null
  const deployment =
    (round === 'fresh' ? takeFrom(tier, 'warm', placing, now, placement.random) : null) ??
    takeFrom(tier, round, placing, now, placement.random)
  if (deployment === null) return null
  const taken = tier.burst ? pay(placement.burst!, tier, deployment, round, placing, now) : deployment
  if (taken !== null) placing.degraded = tier.degraded
  return taken
}

/** The one that was chosen, or another of its tier when no budget has what it may cost and one has what that costs. */
function pay(
  gate: BurstGate,
  { deployments }: Tier,
  chosen: Deployment,
  round: Round,
  placing: Placing,
  now: number,
): Deployment | null {
  placing.charge = gate.tryReserve(chosen, now)
  if (placing.charge !== null) return chosen
  chosen.cancel(placing.admission, now)
  for (let i = 0; i < deployments.length; i++) {
    const other = deployments[i]!
    if (!gate.wouldPayInstead(other, chosen, now) || !isEligible(other, round, placing, now)) continue
    if (!take(other, placing, now, isForced(round))) continue
    placing.charge = gate.tryReserve(other, now)
    if (placing.charge !== null) return other
    other.cancel(placing.admission, now)
  }
  isUnpaid = true
  return null
}
