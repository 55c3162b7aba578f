import type { Command } from 'commander'
import { problemsOf } from '../../kong-plugins/sync/problems.ts'
import type { Round } from '../../kong-plugins/sync/session.ts'
import { addConfigOption, type ConfigFileOption } from './config-file.ts'
import type { Context } from './context.ts'
import { EXIT, usageFailure } from './failure.ts'
import { KongProgressLine } from './kong-progress-line.ts'
import { type KongWork, withKong } from './kong-session.ts'
import { waitForRoutes } from './kong-wait.ts'
import { printable } from './printable.ts'

interface SyncOptions extends ConfigFileOption {
  readonly allowDeletions?: boolean
  readonly wait?: boolean
  readonly proxy?: string
  readonly timeout: string
}

const HELP = `
Writes what "plan" tells, in the order in which entities depend on each other. It may be broken
off and begun again at any point. Gateways with an older configuration leave Kong alone from
then on.

--wait asks each route that was written through Kong's proxy until it answers, which takes Kong
some seconds; no function is called for that. The proxy is \`kong.proxy\`, or --proxy.

Exit codes: 0 all is as it should be, 1 failed, or some of it could not be written.

Examples:
  $ npx dispatch kong sync
  $ npx dispatch kong sync --wait --proxy https://localhost:8443
`

export function addKongSyncCommand(kong: Command, context: Context): void {
  const command = kong.command('sync').description('Write to Kong what the configuration says.')
  addConfigOption(command)
    .option('--allow-deletions', 'delete any number of entities')
    .option('-w, --wait', 'wait until the routes answer through Kong')
    .option('--proxy <url>', 'where Kong serves clients (default: `kong.proxy`)')
    .option('--timeout <seconds>', 'how long to wait', '30')
    .addHelpText('after', HELP)
    .action(async (options: SyncOptions) => {
      await withKong(options, context, async (work) => {
        const proxy = options.wait === true ? proxyOf(options, work) : null
        const round = await runRound(work, context, options.allowDeletions === true)
        if (report(round, context) && proxy !== null) await wait(work, round, proxy, options, context)
      })
    })
}

/** One run with its progress. */
export async function runRound(
  { kong, desired, session, signal }: KongWork,
  { terminal }: Context,
  allowsDeletions: boolean,
): Promise<Round> {
  const progress = new KongProgressLine(terminal.stderr)
  return session.round(desired, {
    guard: allowsDeletions ? null : kong.deletions,
    generation: null,
    onWritten: (step) => progress.onWritten(step),
    signal,
  })
}

/** @returns Whether all is as it should be; else the exit code says so. */
export function report({ plan, result, standing }: Round, context: Context): boolean {
  const { stdout, stderr } = context.terminal
  const problems = problemsOf(plan, result)
  if (result?.stopped != null) {
    const reason =
      result.stopped === 'passive'
        ? 'another gateway has taken a newer configuration to Kong meanwhile'
        : 'Kong was left before all was written; do it again'
    problems.unshift(reason)
  } else if (standing === 'passive') problems.unshift('another gateway has a newer configuration')
  stdout.write(
    result === null
      ? 'Nothing to do.\n'
      : `${result.writes} ${result.writes === 1 ? 'write' : 'writes'} done.\n`,
  )
  for (const problem of problems) stderr.write(`${printable(problem)}\n`)
  if (problems.length > 0) context.exitWith(EXIT.failed)
  return problems.length === 0
}

function proxyOf({ proxy }: SyncOptions, { kong }: KongWork): string {
  const url = proxy ?? kong.proxy
  if (url === null)
    throw usageFailure('nobody says where Kong serves clients', 'give --proxy, or `kong.proxy`')
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw usageFailure(`${url} is not an address of a proxy`)
  return new URL(url).origin
}

async function wait(
  work: KongWork,
  round: Round,
  proxy: string,
  { timeout }: SyncOptions,
  context: Context,
): Promise<void> {
  const seconds = Number(timeout)
  if (!(seconds > 0 && seconds <= 3600)) throw usageFailure('--timeout takes seconds, at most 3600')
  const { missing, asked } = await waitForRoutes(work, round, proxy, seconds * 1000)
  const { stdout, stderr } = context.terminal
  if (missing.length === 0)
    stdout.write(`${asked} ${asked === 1 ? 'route answers' : 'routes answer'} through Kong.\n`)
  else {
    for (const { title, last } of missing.slice(0, 20))
      stderr.write(`${printable(title)} does not answer: ${last}\n`)
    context.exitWith(EXIT.failed)
  }
}
