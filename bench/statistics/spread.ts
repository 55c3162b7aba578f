/** The middle half of some values, and their median. */
export interface Spread {
  readonly low: number
  readonly median: number
  readonly high: number
}

/** First quartile, median and third quartile. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  return { low: quantile(sorted, 0.25), median: quantile(sorted, 0.5), high: quantile(sorted, 0.75) }
}

/**
 * A quantile, between two values linearly (type 7 of Hyndman and Fan, 1996).
 *
 * @param sorted Ascending, not empty.
 * @param share From 0 to 1.
 */
export function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1)
  const below = sorted[Math.floor(at)]!
  const above = sorted[Math.ceil(at)]!
  return below + (above - below) * (at - Math.floor(at))
}
