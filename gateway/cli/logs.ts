import type { Command } from 'commander'
import { parseDuration } from '../config/forms/duration.ts'
import { isRefused } from '../config/forms/form.ts'
import type { LogLine } from '../contract/lifecycle.ts'
import { answerLines } from './answer-lines.ts'
import { findConfigFile } from './config-file.ts'
import type { Context } from './context.ts'
import { addDeploymentOptions, type DeploymentOptions, deploymentPath } from './deployment-path.ts'
import { usageFailure } from './failure.ts'
import { openManagementClient } from './management-client.ts'
import { printable, printableLine } from './printable.ts'

interface LogsOptions extends DeploymentOptions {
  readonly follow?: boolean
  readonly tail?: string
  readonly since?: string
  readonly json?: boolean
}

const HELP = `
Prints what the platform keeps of what the function said, oldest first: time, replica, text.

Examples:
  $ npx dispatch logs resize --tail 20
  $ npx dispatch logs resize --since 10m --follow
  $ npx dispatch logs resize --json | jq .text
`

export function addLogsCommand(program: Command, context: Context): void {
  const command = program
    .command('logs')
    .argument('<function>', 'name of the function')
    .description('Show what a function said.')
  addDeploymentOptions(command)
    .option('-f, --follow', 'go on with what it says from now on')
    .option('-n, --tail <lines>', 'so many lines from the end')
    .option('--since <time>', 'not older than 90s, 10m, 1h, 7d, or than a moment: 2027-01-01T00:00:00Z')
    .option('--json', 'print each line as JSON')
    .addHelpText('after', HELP)
    .action(async (name: string, options: LogsOptions) => {
      const query = queryOf(options)
      const client = await openManagementClient(findConfigFile(options, context.terminal), context)
      const { stdout, stderr } = context.terminal
      try {
        const path = deploymentPath(name, options, '/logs', query)
        for await (const line of answerLines(await client.send({ method: 'GET', path }))) {
          if (typeof line['ended'] === 'string') stderr.write(`${printable(line['ended'])}\n`)
          else stdout.write(options.json ? `${JSON.stringify(line)}\n` : lineText(line))
        }
      } finally {
        await client.close()
      }
    })
}

function queryOf({ follow, tail, since }: LogsOptions): Record<string, string> {
  if (tail !== undefined && !/^\d{1,9}$/.test(tail)) throw usageFailure(`${tail} is no number of lines`)
  return {
    ...(follow === true && { follow: 'true' }),
    ...(tail !== undefined && { tail }),
    ...(since !== undefined && { since: String(momentOf(since)) }),
  }
}

/** Milliseconds since 1970. */
function momentOf(since: string): number {
  const moment = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(since) ? Date.parse(since) : Number.NaN
  if (Number.isFinite(moment) && moment >= 0) return moment
  const parsed = parseDuration(since, { max: '3650d' })
  if (isRefused(parsed)) throw usageFailure(`--since: ${parsed.message}`, `Expected: ${parsed.expected}`)
  return Math.max(0, Date.now() - parsed.value)
}

/** Of what ought to be a LogLine: another process wrote it. */
function lineText({ timeMs, instance, text }: Partial<Record<keyof LogLine, unknown>>): string {
  const time = typeof timeMs === 'number' ? `${new Date(timeMs).toISOString()} ` : ''
  const replica = typeof instance === 'string' ? `${printable(instance)} ` : ''
  return `${time}${replica}${printableLine(String(text))}\n`
}
