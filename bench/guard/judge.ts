import type { RatioInterval } from '../statistics/ratio-interval.ts'
import { spread } from '../statistics/spread.ts'

/** What a figure is found to be: as good as it was, worse, or too noisy to tell. */
export type Verdict = 'kept' | 'worse' | 'undecided'

/** A regression of this size must not be missed. */
const REGRESSION = 1.1
/** A change up to this size is not looked at: from one start of a program to the next it differs by so much. */
export const TOLERANCE = 1.02
/** While a change of this size is still possible and there is time, the guard looks on. */
const SMALL_REGRESSION = 1.05
/** Wider than this on one side, an interval says nothing about a budget that it holds, and is not fit to be accepted. */
const WIDE = 1.05

/**
 * Worse only when the whole interval lies above the tolerance; kept only when a regression of 10 % is out of question.
 *
 * @param change To the result that was accepted last.
 */
export function judgeChange({ low, high }: RatioInterval): Verdict {
  if (low > TOLERANCE) return 'worse'
  return high < REGRESSION ? 'kept' : 'undecided'
}

/**
 * Whether somebody else's work made the ratios. It does not treat all programs alike, so that no number of them is right.
 *
 * @param most Width of the middle half of the ratios, as a share of their median.
 */
export function isNoisy(ratios: readonly number[], most: number): boolean {
  const { low, median, high } = spread(ratios)
  return (high - low) / median > most
}

/** Whether an interval is as narrow as one has to be that later ones are compared with. */
export function isNarrow({ ratio, low, high }: RatioInterval): boolean {
  return high / ratio < WIDE && ratio / low < WIDE
}

/** Whether more blocks would tell nothing that matters. */
export function isSettled({ low, high }: RatioInterval): boolean {
  return low > TOLERANCE || high < SMALL_REGRESSION
}

/** Worse only when the whole interval lies above the budget; a little above is kept, if the interval holds the budget. */
export function judgeBudget({ ratio, low, high }: RatioInterval, budget: number): Verdict {
  if (low > budget) return 'worse'
  return ratio <= budget || high / ratio < WIDE ? 'kept' : 'undecided'
}

/** One figure that is worse decides, then one that is undecided. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('worse')) return 'worse'
  return verdicts.includes('undecided') ? 'undecided' : 'kept'
}
