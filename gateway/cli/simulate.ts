import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { SimulationResult } from '../simulation/simulation-result.ts'
import { findConfigFile, shownPath } from './config-file.ts'
import type { Context } from './context.ts'
import { Failure, usageFailure } from './failure.ts'
import { inlineScenario } from './inline-scenario.ts'
import { simulationText } from './simulation-text.ts'

interface SimulateOptions {
  readonly config?: string
  readonly against?: string
  readonly load?: string
  readonly function?: string
  readonly organization: string
  readonly rate?: string
  readonly service: readonly string[]
  readonly capacity: readonly string[]
  readonly seed?: string
  readonly html?: string
  readonly json?: boolean
}

const HELP = `
Has a load come in on a configuration, in virtual time, and tells where it went, how long it took,
what was refused and what it cost. Placement, limits, budgets, health and the queue are the real
ones; the platforms behave as the scenario says. Nothing is called. The same seed gives the same
result. With --against the load comes in on another configuration too, and the differences are told.

--load is a scenario in YAML, or an access log (JSON lines) whose calls come in again as they came,
each as long as it took there. A scenario has

  seed: 1
  load:                       # calls that come in; or \`recording: access.jsonl\`
    - function: resize        # organization, zone, hint, repeatable, attempts, arrivals: poisson | even
      rate: [{ for: 60s, rate: 200 }, { for: 60s, rate: 200, to: 1200 }]
  platforms:                  # by the name of the backend
    home:
      service: { mean: 100ms, spread: 0.3 }      # or a fixed time: 100ms
      capacity: 40            # calls at once that it really serves; queue, errors
      coldStart: { time: 800ms, idle: 5m }
      events: [{ from: 60s, for: 30s, calls: unreachable }]
                              # unreachable, reset, hang, overloaded, fail, slower with \`by\`; share

Every mistake in it is told with its line. Examples: gateway/simulation/examples.
Without --load: --function, --rate and a --service for each of its backends.

Not simulated: what stands before placement, the network, hedging, probes, and callers who come back.

Examples:
  $ npx dispatch simulate --load step.yaml --html load.html
  $ npx dispatch simulate dispatch.yaml --against cheaper.yaml --load access.jsonl --json
  $ npx dispatch simulate --function hello --rate 100@60s,300@60s --service local=20ms --capacity local=4
`

export function addSimulateCommand(program: Command, { terminal, gateway }: Context): void {
  program
    .command('simulate')
    .argument('[config]', 'the configuration; the same as --config')
    .description('Tell what would become of a load, in virtual time.')
    .option('-c, --config <file>', 'the configuration (default as for other commands)')
    .option('-a, --against <file>', 'another configuration to compare with')
    .option('-l, --load <file>', 'a scenario (.yaml, .yml, .json), or an access log')
    .option('-f, --function <name>', 'function that is called, in the place of --load')
    .option('-o, --organization <name>', 'its organization', 'default')
    .option('-r, --rate <phases>', 'calls per second and for how long: 100@60s,100-300@30s')
    .option('--service <backend=time>', 'how long calls take there; may be repeated', append, [])
    .option('--capacity <backend=calls>', 'calls at once that it serves; may be repeated', append, [])
    .option('--seed <number>', 'another chance than that of the scenario')
    .option('--html <file>', 'write a page with the load over time')
    .option('--json', 'print everything as JSON')
    .addHelpText('after', HELP)
    .action(async (named: string | undefined, options: SimulateOptions) => {
      const file = findConfigFile(named === undefined ? options : { config: named }, terminal)
      const files =
        options.against === undefined ? [file] : [file, findConfigFile({ config: options.against }, terminal)]
      const loaded = await Promise.all(files.map((one) => gateway.loadConfig(one)))
      const { loadLoad } = await import('../simulation/load-load.ts')
      const { simulate } = await import('../simulation/simulate.ts')
      const inline = options.load === undefined ? inlineScenario(options) : null
      const load = await loadLoad(
        inline ?? { file: resolve(terminal.cwd, options.load!) },
        loaded.map(({ config }) => config),
        seedOf(options.seed),
      ).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') throw new Failure(`there is no file ${options.load}`)
        throw error
      })
      const results = loaded.map((one) => simulate(one, load.scenario, load.recording))
      const shown: SimulationResult[] = results.map((one) => ({
        ...one,
        file: shownPath(one.file, terminal),
      }))
      if (options.html !== undefined) {
        const { simulationPage } = await import('../simulation/simulation-page.ts')
        await writeFile(resolve(terminal.cwd, options.html), simulationPage(shown))
        terminal.stderr.write(`${options.html} is written\n`)
      }
      const text = options.json ? `${JSON.stringify(shown, null, 2)}\n` : simulationText(shown)
      terminal.stdout.write(text)
    })
}

function seedOf(text: string | undefined): number | null {
  if (text === undefined) return null
  const seed = Number(text)
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw usageFailure(`--seed ${text} is not a whole number from 0 to ${2 ** 32 - 1}`)
  return seed
}

function append(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
