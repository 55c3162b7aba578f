import { REFUSED } from '../capacity/deployment-health.ts'
import type { Deployment } from './deployment.ts'
import { hintAllows } from './hint-allows.ts'
import { type Placing, wasTried } from './placing.ts'
import type { Tier } from './tier.ts'

/** Who may be chosen of a tier: each round gives up a wish of the one before. */
export type Round =
  /** Healthy, not tried, and with a running instance as far as is known. */
  | 'warm'
  /** Healthy and not tried. */
  | 'fresh'
  /** Healthy and not the one that was tried last. */
  | 'again'
  /** Not the one that was tried last, ejected or not. */
  | 'other'
  /** Whatever keeps the constraints. */
  | 'any'

/** Indexes of the eligible Deployments of the tier at hand. One array per thread: placement never waits. */
let eligible = new Int32Array(32)

/**
 * Takes a slot on a Deployment of a tier: the better of two drawn at random among the eligible (Mitzenmacher, 2001),
 * else the other, else the next that has room. Allocates nothing.
 *
 * @param random Gives a number from 0 below 1.
 * @returns Null when none is eligible, or none takes it. One that is full sets `placing.busy`, one that is kept from more
 *   calls by its probe does not: where there is no other, it is worth as much as an ejected one.
 */
export function takeFrom(
  tier: Tier,
  round: Round,
  placing: Placing,
  now: number,
  random: () => number,
): Deployment | null {
  const { deployments } = tier
  const count = findEligible(deployments, round, placing, now)
  if (count === 0) return null
  const forced = isForced(round)
  if (placing.repeatable && !forced) {
    const probed = takeProbe(deployments, count, placing, now)
    if (probed !== null) return probed
  }
  let first = 0
  if (count > 1) {
    first = (random() * count) | 0
    const second = (first + 1 + ((random() * (count - 1)) | 0)) % count
    const one = deployments[eligible[first]!]!
    const other = deployments[eligible[second]!]!
    const better = other.score(now) < one.score(now) ? other : one
    if (take(better, placing, now, forced)) return better
  }
  for (let i = 0; i < count; i++) {
    const deployment = deployments[eligible[(first + i) % count]!]!
    if (take(deployment, placing, now, forced)) return deployment
    if (forced || deployment.slot.health.wouldAdmit(now)) placing.busy = true
  }
  return null
}

/** A Deployment that comes back from an ejection gets one call as a probe, before any score counts. */
function takeProbe(
  deployments: readonly Deployment[],
  count: number,
  placing: Placing,
  now: number,
): Deployment | null {
  for (let i = 0; i < count; i++) {
    const deployment = deployments[eligible[i]!]!
    if (deployment.slot.health.isComingBack && take(deployment, placing, now, false)) return deployment
  }
  return null
}

/** Takes a slot on a Deployment, if it has room. Sets `placing.admission`. */
export function take(deployment: Deployment, placing: Placing, now: number, forced: boolean): boolean {
  placing.admission = deployment.tryTake(now, forced)
  return placing.admission !== REFUSED
}

/** Whether a round asks those that are ejected too. */
export function isForced(round: Round): boolean {
  return round === 'other' || round === 'any'
}

function findEligible(
  deployments: readonly Deployment[],
  round: Round,
  placing: Placing,
  now: number,
): number {
  if (deployments.length > eligible.length) eligible = new Int32Array(deployments.length)
  let count = 0
  for (let i = 0; i < deployments.length; i++) {
    const deployment = deployments[i]!
    if (isEligible(deployment, round, placing, now)) eligible[count++] = i
  }
  return count
}

/** Whether a call may go to a Deployment in a round, whether or not that has room. */
export function isEligible(deployment: Deployment, round: Round, placing: Placing, now: number): boolean {
  if (placing.hint !== null && !hintAllows(placing.hint, deployment, now)) return false
  if (round === 'any') return true
  if (deployment === placing.lastTried) return false
  if (round === 'other') return true
  if (!deployment.isHealthy(now)) return false
  if (round === 'again') return true
  if (wasTried(placing, deployment)) return false
  return round === 'fresh' || !deployment.slot.latency.cold
}
