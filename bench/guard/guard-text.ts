import type { RatioInterval } from '../statistics/ratio-interval.ts'
import type { Finding, GuardOutcome } from './guarded-run.ts'

const CONCLUSIONS = {
  kept: 'All is as good as it was.',
  worse: 'A call is dearer than it may be.',
  undecided: 'Not decided: too noisy. Try again on a machine that does nothing else.',
} as const

/** What was found, for a terminal: a line for each figure and a conclusion. */
export function guardText({ verdict, findings }: GuardOutcome): string {
  return [...findings.map(line), '', CONCLUSIONS[verdict]].join('\n')
}

function line({ figure, now, change, againstBudget, againstAccepted }: Finding): string {
  const parts = [`${figure.name}: ${interval(now)} of ${figure.baseline.name}`]
  if (figure.budget !== null) parts.push(`budget ${figure.budget} ${againstBudget}`)
  if (change !== null)
    parts.push(`accepted ${interval(figure.accepted!)}, change ${percent(change)} ${againstAccepted}`)
  return parts.join('; ')
}

function interval({ ratio, low, high }: RatioInterval): string {
  return `${ratio.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`
}

function percent({ ratio, low, high }: RatioInterval): string {
  const of = (value: number) => `${value >= 1 ? '+' : '−'}${Math.abs((value - 1) * 100).toFixed(1)} %`
  return `${of(ratio)} [${of(low)}, ${of(high)}]`
}
