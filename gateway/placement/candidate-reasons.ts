import type { Deployment } from './deployment.ts'
import type { BurstExplanation } from './explanation.ts'
import type { FunctionPlacement } from './function-placement.ts'
import { hintLacks } from './hint-allows.ts'
import { type Placing, wasTried } from './placing.ts'

export const FULL = 'is full'
export const PACED = 'has had its calls of this second'
export const BACKEND_FULL = 'its backend is full'

/**
 * Why a call does not go to a Deployment of its Plan at this moment, all of it, one phrase each. What holds for as long
 * as the configuration does stands among the excluded of the Function instead.
 */
export function reasonsAgainst(
  deployment: Deployment,
  { burst }: FunctionPlacement,
  { closed }: BurstExplanation,
  placing: Placing,
  now: number,
): string[] {
  const reasons: string[] = []
  if (deployment.traits.burst) {
    const refusal = closed === null ? burst!.refusal(deployment, now) : null
    if (closed !== null) reasons.push(`is a burst backend, and ${closed}`)
    else if (refusal !== null)
      reasons.push(`the burst budget of the ${refusal.budget} has no ${refusal.reason} left`)
  }
  if (placing.hint !== null) reasons.push(...hintLacks(placing.hint, deployment, now))
  if (!deployment.isHealthy(now)) reasons.push(`is ${deployment.state(now).replace('-', ' ')}`)
  else if (!deployment.slot.health.wouldAdmit(now)) reasons.push('is half-open, and a probe is on its way')
  if (placing.lastTried === deployment) reasons.push('was just tried')
  else if (wasTried(placing, deployment)) reasons.push('was tried')
  const { backendSlot, slot } = deployment
  if (slot.inFlight >= slot.limit) reasons.push(FULL)
  if (!slot.pace.hasTurn(now)) reasons.push(PACED)
  if (backendSlot.inFlight >= backendSlot.concurrency) reasons.push(BACKEND_FULL)
  return reasons
}
