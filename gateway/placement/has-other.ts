import type { Deployment } from './deployment.ts'
import type { FunctionPlacement } from './function-placement.ts'
import { hintAllows } from './hint-allows.ts'
import type { Placing } from './placing.ts'

/** True when another Deployment than this one may take a further attempt of a call. */
export function hasOther(
  placement: FunctionPlacement,
  placing: Placing,
  tried: Deployment,
  now: number,
): boolean {
  for (const tier of placement.planFor(placing.entryZone).tiers) {
    if (tier.burst && !placement.mayBurst(placing)) continue
    for (const deployment of tier.deployments) {
      if (deployment === tried) continue
      if (placing.hint === null || hintAllows(placing.hint, deployment, now)) return true
    }
  }
  return false
}
