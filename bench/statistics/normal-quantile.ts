/**
 * Quantile of the standard normal distribution, to 5 · 10⁻⁴: Abramowitz and Stegun, Handbook of Mathematical
 * Functions, 26.2.23.
 *
 * @param share Above 0 and below 1.
 */
export function normalQuantile(share: number): number {
  if (share < 0.5) return -normalQuantile(1 - share)
  const t = Math.sqrt(-2 * Math.log(1 - share))
  const above = 2.515517 + t * (0.802853 + t * 0.010328)
  const below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308))
  return t - above / below
}
