import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { accept, readAccepted, whyNotComparable } from './guard/accepted.ts'
import { readBudgets } from './guard/budgets.ts'
import { guardedFigures } from './guard/figures.ts'
import { guardText } from './guard/guard-text.ts'
import { GUARD_EFFORT, guardedRun } from './guard/guarded-run.ts'
import type { Verdict } from './guard/judge.ts'
import { readConditions } from './report/conditions.ts'
import { numberAbove0 } from './support/number-option.ts'

const HELP = `npm run bench:guard -- [options]

Tells whether a call has become dearer: CPU time per request of each lane and transport, as
a ratio to the baseline in the same seconds, against bench/budgets.json and against what was
accepted last (bench/results/accepted.json).

  --accept       keeps what is measured as what later runs are compared with, unless it was
                 too noisy
  --minutes N    longest time                 (default 5)
  --json FILE    writes what was found to a file
  --help         prints this

Exit code: 0 all is as good as it was, 1 something is dearer, 3 not decided: too noisy.
`

/** A stage may take longer than the one before. */
const SAFETY = 0.95

const EXIT_CODES: Readonly<Record<Verdict, number>> = { kept: 0, worse: 1, undecided: 3 }

const { values } = parseArgs({
  options: {
    accept: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '5' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(HELP)
else process.exitCode = await guard()

async function guard(): Promise<number> {
  const conditions = readConditions()
  const known = readAccepted()
  const obstacle = known === null ? 'there are none yet' : whyNotComparable(known, conditions)
  if (obstacle !== null) process.stdout.write(`Accepted results are not compared with: ${obstacle}.\n`)
  const comparable = obstacle === null && !values.accept ? known : null
  const outcome = await guardedRun(guardedFigures(readBudgets(), comparable), {
    ...GUARD_EFFORT,
    mostSeconds: numberAbove0('minutes', values.minutes) * 60 * SAFETY,
    told: (line) => process.stderr.write(`${line}\n`),
  })
  process.stdout.write(`${guardText(outcome)}\n`)
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ conditions, ...outcome }, null, 1)}\n`)
  }
  const isClear = outcome.findings.every(({ againstBudget }) => againstBudget !== 'undecided')
  if (values.accept && isClear) await accept(outcome.findings)
  return EXIT_CODES[outcome.verdict]
}
