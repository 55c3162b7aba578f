import type { Deployment } from './deployment.ts'

/**
 * Power of two choices on calls in flight, among the healthy ones (Mitzenmacher, 2001). When all are ejected, all are
 * eligible: a Function that may work beats a refusal. Not the Deployment that was just tried while there is another.
 *
 * @param tried The Deployment of the last attempt, or null.
 * @param now Milliseconds since 1970.
 */
export function choose(
  deployments: readonly Deployment[],
  tried: Deployment | null,
  now: number,
): Deployment | null {
  const count = deployments.length
  if (count === 1) return deployments[0]!
  const first = pick(deployments, tried, now, (Math.random() * count) | 0)
  if (first === null) return null
  const second = pick(deployments, tried, now, (Math.random() * count) | 0)
  return second !== null && second.slot.inFlight < first.slot.inFlight ? second : first
}

/** The first eligible Deployment from an index on: healthy and untried, else untried, else any. */
function pick(
  deployments: readonly Deployment[],
  tried: Deployment | null,
  now: number,
  from: number,
): Deployment | null {
  const count = deployments.length
  let fallback: Deployment | null = null
  for (let i = 0; i < count; i++) {
    const candidate = deployments[(from + i) % count]!
    if (candidate === tried) continue
    if (candidate.slot.isHealthy(now)) return candidate
    fallback ??= candidate
  }
  return fallback ?? tried
}

/** True when another Deployment than this one may take a second attempt. */
export function hasOther(deployments: readonly Deployment[], tried: Deployment): boolean {
  for (const deployment of deployments) if (deployment !== tried) return true
  return false
}
