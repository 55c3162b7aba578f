import type { Deployment } from './deployment.ts'
import type { FunctionPlacement } from './function-placement.ts'
import { hintAllows } from './hint-allows.ts'
import type { Placing } from './placing.ts'

/**
 * The first Deployment that a call would have gone to if an instance ran there; null when there is none before the one
 * that was chosen. Never a burst one: nobody pays to wake those. Sets `placing.degraded` for the one it finds.
 */
export function sleeperBefore(
  placement: FunctionPlacement,
  placing: Placing,
  chosen: Deployment,
  now: number,
): Deployment | null {
  for (const tier of placement.planFor(placing.entryZone).tiers) {
    if (tier.burst) return null
    for (const deployment of tier.deployments) {
      if (!deployment.slot.latency.cold || deployment === chosen || !deployment.isHealthy(now)) continue
      if (placing.hint !== null && !hintAllows(placing.hint, deployment, now)) continue
      placing.degraded = tier.degraded
      return deployment
    }
    if (tier.deployments.includes(chosen)) return null
  }
  return null
}
