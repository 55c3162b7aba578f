/**
 * How load is split over tiers: Envoy's priority levels with overprovisioning, and a term of our own for saturation, so
 * that a tier which is up but full passes calls on before it has to refuse them.
 */

/** A tier passes nothing on until less than 1/1.4 = 72 % of it is available (Envoy's default). */
const OVERPROVISIONING = 1.4
/** Products such as 0.5 × 140 × 0.5 must not fall below the whole number that they mean. */
const ROUNDING = 1e-9

/**
 * How far a tier is beyond the use at which it begins to pass calls on, 0 to 1.
 *
 * @param use Calls in flight as a share of the limit.
 * @param above Share at which spilling begins, below 1. At 1 everything spills.
 */
export function saturationOf(use: number, above: number): number {
  if (use >= 1) return 1
  return use <= above ? 0 : (use - above) / (1 - above)
}

/**
 * Percent of all calls that a tier could take, in whole percents as Envoy counts them, at most 100.
 *
 * @param available Share of its Deployments that are healthy, 0 to 1.
 * @param saturation 0 to 1.
 */
export function healthOf(available: number, saturation: number): number {
  return Math.min(100, Math.floor(OVERPROVISIONING * 100 * available * (1 - saturation) + ROUNDING))
}

/**
 * Spreads 100 percent over tiers in their order: each takes what its health allows of what those before it left. When
 * all together are below 100, their healths count in proportion; what rounding leaves goes to the first that takes any.
 *
 * @param health By tier, as {@link healthOf} gives it; 0 for a tier that this call may not use.
 * @param loads Is filled: percent by tier, in sum 100.
 * @param tiers Number of tiers; the arrays may be longer.
 * @returns False when no tier takes any: then all loads are 0.
 */
export function spreadLoads(health: ArrayLike<number>, loads: Float64Array, tiers: number): boolean {
  let sum = 0
  for (let i = 0; i < tiers; i++) sum += health[i]!
  const total = Math.min(100, sum)
  let left = total === 0 ? 0 : 100
  let first = -1
  for (let i = 0; i < tiers; i++) {
    const load = total === 0 ? 0 : Math.min(left, Math.floor((100 * health[i]!) / total + ROUNDING))
    loads[i] = load
    left -= load
    if (load > 0 && first < 0) first = i
  }
  if (first >= 0) loads[first]! += left
  return first >= 0
}
