import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Figure, GUARD_EFFORT, type GuardEffort, guardedRun } from '../../../bench/guard/guarded-run.ts'
import type { Verdict } from '../../../bench/guard/judge.ts'
import { ratioInterval } from '../../../bench/statistics/ratio-interval.ts'
import { HTTP_PROXY, NODE_UNDICI } from '../../../bench/support/program.ts'
import { BUSY, CALM, type Noise, NoisyMachine } from '../statistics/noise.ts'

const EFFORT: GuardEffort = { ...GUARD_EFFORT, mostSeconds: Number.POSITIVE_INFINITY, told() {} }
/** That are compared with what was accepted; as many are held to a budget. */
const FIGURES = 5
const RUNS = 150
/** Of an interval that was accepted: 1 % on each side, for all figures after one look. */
const ACCEPTED_RISK = 0.02 / (2 * FIGURES)
/** Of the logarithm, from one start of a program to the next: 2 % were seen. */
const START = 0.02

test('an A/A run on a calm machine raises an alarm less often than once in a hundred, and is decided', async () => {
  const rates = await ratesOf(1, CALM)
  assert.ok(rates.worse < 0.01, JSON.stringify(rates))
  assert.ok(rates.kept > 0.95, JSON.stringify(rates))
})

test('on a calm machine a figure that is dearer by 10 % is always found, one by 7.5 % nearly always', async () => {
  const ten = await ratesOf(1.1, CALM)
  assert.ok(ten.worse > 0.99, JSON.stringify(ten))
  const less = await ratesOf(1.075, CALM)
  assert.ok(less.worse > 0.9, JSON.stringify(less))
})

test('on a calm machine a figure that is dearer by 5 % is found in more than half of the runs', async () => {
  const rates = await ratesOf(1.05, CALM)
  assert.ok(rates.worse > 0.5, JSON.stringify(rates))
})

test('a busy machine leads to no verdict instead of a false one', async () => {
  const same = await ratesOf(1, BUSY)
  assert.ok(same.worse < 0.01, JSON.stringify(same))
  const dearer = await ratesOf(1.1, BUSY)
  assert.ok(dearer.kept < 0.01, JSON.stringify(dearer))
})

/** Of many runs in which one of the figures has become dearer by a factor: how many end with each verdict. */
async function ratesOf(factor: number, noise: Noise): Promise<Readonly<Record<Verdict, number>>> {
  const counts = { kept: 0, worse: 0, undecided: 0 }
  for (let seed = 1; seed <= RUNS; seed++) {
    const machine = new NoisyMachine(seed * 7919, noise)
    const figures = Array.from(
      { length: 2 * FIGURES },
      (_, i): Figure => ({
        name: `figure ${i}`,
        contender: NODE_UNDICI,
        baseline: HTTP_PROXY,
        budget: i < FIGURES ? null : 0.65,
        accepted:
          i >= FIGURES
            ? null
            : ratioInterval(
                Array.from({ length: EFFORT.stages }, () => stage(machine, 0.4)).flat(),
                ACCEPTED_RISK,
              ),
      }),
    )
    const { verdict } = await guardedRun(figures, EFFORT, async () =>
      figures.map((_, i) => stage(machine, i === 0 ? 0.4 * factor : 0.4)),
    )
    counts[verdict]++
  }
  return { kept: counts.kept / RUNS, worse: counts.worse / RUNS, undecided: counts.undecided / RUNS }
}

function stage(machine: NoisyMachine, ratio: number): number[] {
  const { blocksPerStage, roundsPerBlock } = EFFORT
  return machine.ratios(blocksPerStage, ratio * Math.exp(machine.normal(START)), roundsPerBlock)
}
