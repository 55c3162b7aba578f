import { parseArgs } from 'node:util'
import type { FuzzTarget } from './fuzz-target.ts'

const HELP = `npm run fuzz -- --transport wire|--lane express [options]

Feeds seeded, mutated messages to a part of the gateway that reads bytes of
strangers, and compares what it takes with what Node's own parser makes of it.

  --transport wire   the answers of functions
  --lane express     the requests of clients
  --count N          cases                               (default 1000000)
  --seed N           another seed, other cases           (default 1)
  --from N           number of the first case            (default 0)
  --help             prints this

Exit code: 0 when every promise was kept, 1 otherwise. A failure names its case:
run it alone with the same seed, --from and --count 1.
`

/** Parts by the option that names them, loaded when they are asked for. */
const TARGETS: Readonly<Record<string, () => Promise<{ readonly target: FuzzTarget }>>> = {
  'transport wire': () => import('./wire-transport.ts'),
  'lane express': () => import('./express-lane.ts'),
}

const { values } = parseArgs({
  options: {
    transport: { type: 'string' },
    lane: { type: 'string' },
    count: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
})
const wanted = values.lane === undefined ? `transport ${values.transport}` : `lane ${values.lane}`
const load = TARGETS[wanted]

if (values.help) {
  process.stdout.write(HELP)
} else if (load === undefined) {
  process.stderr.write(`nothing is known as --${wanted}\n\n${HELP}`)
  process.exitCode = 2
} else {
  const { target } = await load()
  const started = performance.now()
  const report = await target.run({
    seed: whole('seed', values.seed),
    from: whole('from', values.from),
    count: whole('count', values.count),
    told: (line) => process.stderr.write(`${line}\n`),
  })
  const { cases, accepted, refused, failures } = report
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const reasons = [...refused].sort(([, a], [, b]) => b - a).map(([reason, n]) => `  ${n}  ${reason}\n`)
  process.stdout.write(`${target.promise}\n\n${cases} cases in ${seconds} s, seed ${values.seed}\n`)
  process.stdout.write(
    `${accepted} accepted, ${cases - accepted - failures.length} refused:\n${reasons.join('')}`,
  )
  for (const failure of failures) process.stdout.write(`\nFAILED ${failure}\n`)
  process.exitCode = failures.length === 0 ? 0 : 1
}

function whole(name: string, text: string): number {
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  process.stderr.write(`--${name} takes a whole number, not ${JSON.stringify(text)}\n`)
  process.exit(2)
}
