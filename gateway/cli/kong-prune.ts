import type { Command } from 'commander'
import { prune } from '../../kong-plugins/sync/prune.ts'
import { addConfigOption, type ConfigFileOption } from './config-file.ts'
import type { Context } from './context.ts'
import { EXIT, usageFailure } from './failure.ts'
import { KongProgressLine } from './kong-progress-line.ts'
import { withKong } from './kong-session.ts'
import { printable } from './printable.ts'

interface PruneOptions extends ConfigFileOption {
  readonly all?: boolean
  readonly yes?: boolean
}

const HELP = `
Deletes what is ours in Kong and not in the configuration, however much it is; the guard of
\`kong.deletions\` does not hold here. Nothing of others is deleted, nor what others hang on.

--all deletes everything that is ours, for a Kong that no gateway shall stand behind any more:
stop the gateways first, or set \`kong.sync: false\`, or they write it again.

Examples:
  $ npx dispatch kong prune
  $ npx dispatch kong prune --all --yes
`

export function addKongPruneCommand(kong: Command, context: Context): void {
  const command = kong.command('prune').description('Delete from Kong what the configuration no longer has.')
  addConfigOption(command)
    .option('--all', 'delete everything that is ours')
    .option('-y, --yes', 'needed for --all')
    .addHelpText('after', HELP)
    .action(async (options: PruneOptions) => {
      if (options.all === true && options.yes !== true) {
        throw usageFailure('--all deletes all routes from Kong', 'say --all --yes if that is meant')
      }
      await withKong(options, context, async ({ desired, session, signal }) => {
        const { stdout, stderr } = context.terminal
        const progress = new KongProgressLine(stderr)
        const { deleted, problems } = await prune(session, desired, options.all === true, {
          onWritten: (step) => progress.onWritten(step),
          signal,
        })
        stdout.write(`${deleted} ${deleted === 1 ? 'entity' : 'entities'} deleted.\n`)
        for (const problem of problems) stderr.write(`${printable(problem)}\n`)
        if (problems.length > 0) context.exitWith(EXIT.failed)
      })
    })
}
