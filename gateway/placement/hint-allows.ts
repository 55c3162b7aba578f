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

/** Why a call with this hint does not go there; null when it may. */
export function hintLack(hint: Hint, deployment: Deployment, now: number): string | null {
  const { slot, traits } = deployment
  if (hintAllows(hint, deployment, now)) return null
  if (!hint.burst && traits.burst) return 'the caller asked for no burst'
  if (hint.zone !== null && (traits.zone === null || !isWithin(traits.zone, hint.zone)))
    return `is not in ${hint.zone}, which the caller asked for`
  const lacks = lacksOf(traits.offers, hint.needs)
  if (lacks.length > 0) return `${lacks.join(', ')}, as the caller asked for`
  return `takes ${Math.round(slot.latency.cost(now))} ms, more than the ${hint.maxLatencyMs} ms that the caller asked for`
}
