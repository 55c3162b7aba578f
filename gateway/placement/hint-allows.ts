import { lacksOf, offersAll } from '../constraints/needs.ts'
import { isWithin } from '../constraints/zone.ts'
import type { Deployment } from './deployment.ts'
import type { Hint } from './hint.ts'

/** Whether a call with this hint may go there: it narrows what the Function allows, and nothing else. */
export function hintAllows(hint: Hint, { slot, traits }: Deployment, now: number): boolean {
  if (!hint.burst && traits.burst) return false
  if (hint.zone !== null && (traits.zone === null || !isWithin(traits.zone, hint.zone))) return false
  if (slot.latency.cost(now) > hint.maxLatencyMs) return false
  return offersAll(traits.offers, hint.needs)
}

/**
 * What of a hint a Deployment does not meet, one phrase each; empty when it meets all. Without `burst`, which concerns the
 * budgets.
 */
export function hintLacks(hint: Hint, { slot, traits }: Deployment, now: number): string[] {
  const lacks: string[] = []
  if (hint.zone !== null && (traits.zone === null || !isWithin(traits.zone, hint.zone)))
    lacks.push(`is not in ${hint.zone}, which the caller asked for`)
  for (const lack of lacksOf(traits.offers, hint.needs)) lacks.push(`${lack}, as the caller asked for`)
  const cost = slot.latency.cost(now)
  if (cost > hint.maxLatencyMs)
    lacks.push(`takes ${Math.ceil(cost)} ms, and the caller asked for ${hint.maxLatencyMs} at most`)
  return lacks
}
