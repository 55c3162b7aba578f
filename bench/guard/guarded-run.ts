import {
  changeBetween,
  FEWEST_PAIRS,
  type RatioInterval,
  ratioInterval,
} from '../statistics/ratio-interval.ts'
import type { Program } from '../support/program.ts'
import { isNarrow, isNoisy, isSettled, judgeBudget, judgeChange, type Verdict, worst } from './judge.ts'

/** A ratio that is guarded. */
export interface Figure {
  readonly name: string
  readonly contender: Program
  /** What it is a ratio to. */
  readonly baseline: Program
  /** Ratio that may not be exceeded; null for a figure that is compared with what was accepted. */
  readonly budget: number | null
  /** What was accepted last, or null. */
  readonly accepted: RatioInterval | null
}

export interface Finding {
  readonly figure: Figure
  readonly now: RatioInterval
  /** To what was accepted; null when nothing was. */
  readonly change: RatioInterval | null
  readonly againstBudget: Verdict
  readonly againstAccepted: Verdict
  /** Known well enough to be compared with later; whether it is within its budget is another matter. */
  readonly isAcceptable: boolean
  /** Of each block or round, in the order of time. */
  readonly ratios: readonly number[]
}

export interface GuardOutcome {
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
}

/** How long a run may take, and what it consists of. */
export interface GuardEffort {
  /** Stages at most. Each starts all programs anew, because no two starts of a program are equally fast. */
  readonly stages: number
  /** Stages at least. */
  readonly fewestStages: number
  /** In a round every program has a turn. These are for compilers, and do not count. */
  readonly warmUpRounds: number
  /** A block gives one ratio of each figure. */
  readonly blocksPerStage: number
  /** Of which, for each program, the cheapest turn counts. */
  readonly roundsPerBlock: number
  readonly requestsPerTurn: number
  /** In each of these, behind the blocks, a program that is held to a budget has a long turn; each gives one ratio. */
  readonly longRoundsPerStage: number
  readonly requestsPerLongTurn: number
  /** A middle half of the ratios that is wider than this share of their median proves nothing. */
  readonly mostSpread: number
  /** No stage begins that would, by the time the last one took, end later. */
  readonly mostSeconds: number
  readonly told: (line: string) => void
}

/** What fits into five minutes on two cores. */
export const GUARD_EFFORT = {
  stages: 5,
  fewestStages: 3,
  warmUpRounds: 16,
  blocksPerStage: 21,
  roundsPerBlock: 4,
  requestsPerTurn: 1000,
  longRoundsPerStage: 4,
  requestsPerLongTurn: 8000,
  mostSpread: 0.2,
} as const

/** Chance of an alarm, in a whole run, when nothing is slower by more than the tolerance: at most this. */
const RISK = 0.01

/** Measures one stage: of each figure its ratios, in the order of time. */
export type Stage = (figures: readonly Figure[], effort: GuardEffort) => Promise<number[][]>

/**
 * Measures figures stage by stage until each is decided or the time is over. The risk is shared out equally between all
 * figures and the stages after which it may end (Bonferroni), so that several looks at many figures do not raise it.
 */
export async function guardedRun(
  figures: readonly Figure[],
  effort: GuardEffort,
  measureStage: Stage,
): Promise<GuardOutcome> {
  const ratios = figures.map((): number[] => [])
  const risk = riskOfInterval(figures.length, effort.stages - effort.fewestStages + 1)
  const startedAt = performance.now()
  for (let stage = 1; ; stage++) {
    const stageAt = performance.now()
    const more = await measureStage(figures, effort)
    for (const [i, some] of more.entries()) ratios[i]!.push(...some)
    if (stage < effort.stages && ratios.some(({ length }) => length < FEWEST_PAIRS)) {
      effort.told(`stage ${stage} of at most ${effort.stages}: too early to tell`)
      continue
    }
    const findings = figures.map((figure, i) => findingOf(figure, ratios[i]!, risk, effort.mostSpread))
    const verdict = worst(findings.flatMap((finding) => [finding.againstBudget, finding.againstAccepted]))
    effort.told(`stage ${stage} of at most ${effort.stages}: ${verdict}`)
    const now = performance.now()
    const tooLate = (now - startedAt + now - stageAt) / 1000 > effort.mostSeconds
    const settled =
      verdict === 'worse' || findings.every(({ change }) => change === null || isSettled(change))
    const decided = verdict !== 'undecided' && settled && stage >= effort.fewestStages
    if (decided || stage === effort.stages || tooLate) return { verdict, findings }
  }
}

/** What each interval may be wrong by, both sides together: only one side raises an alarm. */
function riskOfInterval(figures: number, looks: number): number {
  return (2 * RISK) / (figures * looks)
}

function findingOf(figure: Figure, ratios: readonly number[], risk: number, mostSpread: number): Finding {
  const now = ratioInterval(ratios, risk)
  const { budget, accepted } = figure
  const change = accepted === null ? null : changeBetween(accepted, now)
  const noisy = isNoisy(ratios, mostSpread)
  const overBudget = budget === null ? 'kept' : judgeBudget(now, budget)
  const changed = change === null ? 'kept' : judgeChange(change)
  return {
    figure,
    now,
    change,
    againstBudget: noisy && overBudget === 'worse' ? 'undecided' : overBudget,
    againstAccepted: noisy && change !== null ? 'undecided' : changed,
    isAcceptable: !noisy && isNarrow(now),
    ratios,
  }
}
