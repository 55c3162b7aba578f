import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { BUDGET, QUESTION, type Row, standardLane } from './standard-lane.ts'
import type { Spread } from './support/load.ts'

const HELP = `npm run bench -- [options]

${QUESTION}. All programs run in turn in the same run; what counts is the
ratio of the CPU times, because machines are shared and their speed changes.

  --rounds N     rounds of all programs       (default 5)
  --seconds N    seconds of load each         (default 5)
  --json FILE    writes the numbers to a file
  --help         prints this

Exit code: 0 within the budget, 1 above it or when a request failed.
`

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  process.stdout.write(HELP)
} else {
  const rows = await standardLane({
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    told: (line) => process.stderr.write(`${line}\n`),
  })
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`
  process.stdout.write(`${QUESTION}\n${machine}\n\n${table(rows)}\n`)
  const ours = rows[0]!.ratio.median
  const within = ours <= BUDGET
  process.stdout.write(
    `\nbudget ${BUDGET.toFixed(2)}×, measured ${ours.toFixed(2)}×: ${within ? 'within' : 'ABOVE'}\n`,
  )
  if (values.json !== undefined) {
    await writeFile(
      values.json,
      `${JSON.stringify({ question: QUESTION, machine, budget: BUDGET, rows }, null, 2)}\n`,
    )
  }
  process.exitCode = within ? 0 : 1
}

function positive(name: string, text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  process.stderr.write(`--${name} takes a whole number above 0, not ${JSON.stringify(text)}\n`)
  process.exit(2)
}

/** Median and, in brackets, the smallest and the largest value. */
function table(rows: readonly Row[]): string {
  const cell = ({ min, median, max }: Spread, digits: number) =>
    `${median.toFixed(digits)} [${min.toFixed(digits)}, ${max.toFixed(digits)}]`
  const lines = [
    ['program', 'CPU µs/request', 'ratio', 'requests/s', 'p50 ms', 'p99 ms'],
    ...rows.map((row) => [
      row.name,
      cell(row.cpu, 1),
      cell(row.ratio, 2),
      cell(row.requestsPerSecond, 0),
      cell(row.p50Ms, 0),
      cell(row.p99Ms, 0),
    ]),
  ]
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
