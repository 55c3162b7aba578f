import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { accept, readAccepted, whyNotComparable } from './guard/accepted.ts'
import { readBudgets } from './guard/budgets.ts'
import { guardedFigures } from './guard/figures.ts'
import { guardText } from './guard/guard-text.ts'
import { type Finding, GUARD_EFFORT, guardedRun } from './guard/guarded-run.ts'
import type { Verdict } from './guard/judge.ts'
import { loadStage } from './guard/load-stage.ts'
import { readConditions } from './report/conditions.ts'
import { numberAbove0 } from './support/number-option.ts'

const HELP = `npm run bench:guard -- [options]

Tells whether a call has become dearer: CPU time per request of each lane and transport, as
a ratio to the baseline in the same seconds, against bench/budgets.json and against what was
accepted last (bench/results/accepted.json).

  --accept       takes the whole time and keeps what is measured as what later runs are
                 compared with, above its budget or not, unless it was too noisy
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
  const effort = {
    ...GUARD_EFFORT,
    // What many runs will be compared with is worth the whole time.
    ...(values.accept && { fewestStages: GUARD_EFFORT.stages }),
    mostSeconds: numberAbove0('minutes', values.minutes) * 60 * SAFETY,
    told: (line: string) => process.stderr.write(`${line}\n`),
  }
  const outcome = await guardedRun(guardedFigures(readBudgets(), comparable), effort, loadStage)
  process.stdout.write(`${guardText(outcome)}\n`)
  if (values.json !== undefined) {
    await writeFile(values.json, `${JSON.stringify({ conditions, ...outcome }, null, 1)}\n`)
  }
  if (values.accept) process.stdout.write(`${await acceptIfClear(outcome.findings)}\n`)
  return EXIT_CODES[outcome.verdict]
}

/** What is above its budget is accepted too: later runs still say that it is, and are spared nothing. */
async function acceptIfClear(findings: readonly Finding[]): Promise<string> {
  const compared = findings.filter(({ figure }) => figure.budget === null)
  const unclear = compared.filter(({ isAcceptable }) => !isAcceptable)
  if (unclear.length > 0)
    return `Not accepted: too noisy for ${unclear.map(({ figure }) => figure.name).join(', ')}.`
  await accept(compared)
  return 'Accepted.'
}
