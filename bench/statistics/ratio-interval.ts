import { normalQuantile } from './normal-quantile.ts'

/** A ratio, and the interval that holds the true one with some confidence. */
export interface RatioInterval {
  readonly ratio: number
  readonly low: number
  readonly high: number
}

/** Below it the normal approximation of the signed ranks is not good. */
export const FEWEST_PAIRS = 12

/**
 * The typical ratio of pairs: the estimator of Hodges and Lehmann (1963) on the logarithms, which is the median of the
 * means of all pairs of them, with the interval of Wilcoxon's signed ranks. A quarter of the slices may be ruined by
 * somebody else's work and the estimate stays; no distribution is assumed but one that is symmetric, which the
 * logarithms of ratios of two programs in turn are.
 *
 * @param ratios Of slices that lie side by side in time, at least {@link FEWEST_PAIRS}.
 * @param risk Chance that the true ratio lies outside of the interval, both sides together.
 * @throws RangeError When there are too few.
 */
export function ratioInterval(ratios: readonly number[], risk: number): RatioInterval {
  const n = ratios.length
  if (n < FEWEST_PAIRS) throw new RangeError(`an interval needs ${FEWEST_PAIRS} pairs, got ${n}`)
  const means = meansOfPairs(ratios)
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24)
  const reach = normalQuantile(1 - risk / 2) * deviation
  const rank = Math.max(0, Math.floor(means.length / 2 - reach))
  return {
    ratio: Math.exp((means[(means.length - 1) >> 1]! + means[means.length >> 1]!) / 2),
    low: Math.exp(means[rank]!),
    high: Math.exp(means[means.length - 1 - rank]!),
  }
}

/** Walsh averages of the logarithms, each value with itself too, ascending. */
function meansOfPairs(ratios: readonly number[]): Float64Array {
  const logs = ratios.map(Math.log)
  const means = new Float64Array((logs.length * (logs.length + 1)) / 2)
  let at = 0
  for (let i = 0; i < logs.length; i++) {
    for (let j = 0; j <= i; j++) means[at++] = (logs[i]! + logs[j]!) / 2
  }
  return means.sort()
}

/** How much a ratio has changed; each of the two is known with the confidence of its interval. */
export function changeBetween(before: RatioInterval, now: RatioInterval): RatioInterval {
  const ratio = now.ratio / before.ratio
  const down = Math.hypot(Math.log(now.ratio / now.low), Math.log(before.high / before.ratio))
  const up = Math.hypot(Math.log(now.high / now.ratio), Math.log(before.ratio / before.low))
  return { ratio, low: ratio * Math.exp(-down), high: ratio * Math.exp(up) }
}
