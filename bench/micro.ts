import { parseArgs } from 'node:util'
import { readBudgets } from './guard/budgets.ts'
import { micros } from './micro/index.ts'
import { measureMicro } from './micro/micro.ts'

const HELP = `npm run bench:micro -- [--help]

Nanoseconds and bytes of garbage of one call of each function on the hot path, on one
thread, warm: the least of seven rounds, and the budget of bench/budgets.json.

Exit code: 0, or 1 when a budget is exceeded.
`
const ROUNDS = 7
const ROUND_MS = 100

const { values } = parseArgs({ options: { help: { type: 'boolean', default: false } } })
if (values.help) process.stdout.write(HELP)
else await measureAll()

async function measureAll(): Promise<void> {
  const budgets = readBudgets().micro
  process.stdout.write(
    `Node ${process.version}\n${'ns'.padStart(38)}${'budget'.padStart(9)}${'bytes'.padStart(8)}\n`,
  )
  for (const micro of micros) {
    const { name, nanoseconds, bytes } = await measureMicro(micro, ROUNDS, ROUND_MS)
    const budget = budgets[name]!
    const dear = nanoseconds > budget
    if (dear) process.exitCode = 1
    const figures = [
      nanoseconds.toFixed(0).padStart(8),
      String(budget).padStart(9),
      bytes.toFixed(0).padStart(8),
    ]
    process.stdout.write(`${name.padEnd(30)}${figures.join('')}${dear ? '  ABOVE' : ''}\n`)
  }
}
