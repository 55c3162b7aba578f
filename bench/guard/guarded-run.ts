import { changeBetween, type RatioInterval, ratioInterval } from '../statistics/ratio-interval.ts'
import { type Contender, Contest } from '../support/interleave.ts'
import { isNoisy, isSettled, judgeBudget, judgeChange, type Verdict, worst } from './judge.ts'

/** A ratio that is guarded. */
export interface Figure {
  readonly name: string
  readonly contender: Contender
  /** What it is a ratio to. */
  readonly baseline: Contender
  /** Ratio that may not be exceeded, or null. */
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
  /** Of each pair of slices, in the order of time. */
  readonly ratios: readonly number[]
}

export interface GuardOutcome {
  readonly verdict: Verdict
  readonly findings: readonly Finding[]
}

/** How long a run may take. */
export interface GuardEffort {
  /** Stages at most. Each starts all programs anew, because no two starts of a program are equally fast. */
  readonly stages: number
  /** Stages at least. */
  readonly fewestStages: number
  readonly roundsPerStage: number
  readonly secondsPerSlice: number
  readonly warmUpSeconds: number
  /** A middle half of the ratios that is wider than this share of their median proves nothing. */
  readonly mostSpread: number
  /** No stage begins that would, by the time the last one took, end later. */
  readonly mostSeconds: number
  readonly told: (line: string) => void
}

/** What fits into five minutes on two cores. */
export const GUARD_EFFORT = {
  stages: 6,
  fewestStages: 2,
  roundsPerStage: 20,
  secondsPerSlice: 0.2,
  warmUpSeconds: 1.5,
  mostSpread: 0.25,
} as const

/** Chance of an alarm, in a whole run, when nothing is slower by more than the tolerance: at most this. */
const RISK = 0.01

/** Ratios of one stage: of each figure those of its pairs of slices. */
export type Stage = (figures: readonly Figure[], effort: GuardEffort) => Promise<number[][]>

/**
 * Measures figures stage by stage until each is decided or the time is over. The risk is shared out equally between all
 * figures and stages (Bonferroni), so that looking several times at many figures does not raise it.
 */
export async function guardedRun(
  figures: readonly Figure[],
  effort: GuardEffort,
  measureStage: Stage = loadStage,
): Promise<GuardOutcome> {
  const ratios = figures.map((): number[] => [])
  const risk = riskOfInterval(figures.length, effort.stages)
  const startedAt = performance.now()
  for (let stage = 1; ; stage++) {
    const stageAt = performance.now()
    const more = await measureStage(figures, effort)
    const findings = figures.map((figure, i) => {
      ratios[i]!.push(...more[i]!)
      return findingOf(figure, ratios[i]!, risk, effort.mostSpread)
    })
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

/** Starts all programs and loads them in turn. */
async function loadStage(figures: readonly Figure[], effort: GuardEffort): Promise<number[][]> {
  const contenders = [...new Set(figures.flatMap(({ baseline, contender }) => [baseline, contender]))]
  const ratios = figures.map((): number[] => [])
  const contest = await Contest.open(contenders, effort.warmUpSeconds, () => {})
  try {
    for (let round = 0; round < effort.roundsPerStage; round++) {
      const slices = await contest.round(effort.secondsPerSlice)
      const cost = (one: Contender) => slices[contenders.indexOf(one)]!.cpuMicrosecondsPerRequest
      figures.forEach(({ contender, baseline }, i) => {
        ratios[i]!.push(cost(contender) / cost(baseline))
      })
    }
  } finally {
    await contest.close()
  }
  return ratios
}

/** What each interval may be wrong by, both sides together: only one side raises an alarm. */
function riskOfInterval(figures: number, stages: number): number {
  return (2 * RISK) / (figures * stages)
}

function findingOf(figure: Figure, ratios: readonly number[], risk: number, mostSpread: number): Finding {
  const now = ratioInterval(ratios, risk)
  const { budget, accepted } = figure
  const change = accepted === null ? null : changeBetween(accepted, now)
  const noisy = isNoisy(ratios, mostSpread)
  const judged = (verdict: Verdict): Verdict => (noisy ? 'undecided' : verdict)
  return {
    figure,
    now,
    change,
    againstBudget: budget === null ? 'kept' : judged(judgeBudget(now, budget)),
    againstAccepted: change === null ? 'kept' : judged(judgeChange(change)),
    ratios,
  }
}
