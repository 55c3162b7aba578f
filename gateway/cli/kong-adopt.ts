import type { Command } from 'commander'
import { KINDS, type Kind } from '../../kong-plugins/sync/entities.ts'
import { takeOver } from '../../kong-plugins/sync/take-over.ts'
import { addConfigOption, type ConfigFileOption } from './config-file.ts'
import type { Context } from './context.ts'
import { Failure, usageFailure } from './failure.ts'
import { withKong } from './kong-session.ts'
import { report, runRound } from './kong-sync.ts'

const HELP = `
What others made in Kong is never touched otherwise. An entity that is taken over keeps its id,
and so all that hangs on it; its content becomes that of the configuration. "plan" names those
that stand in the way, and the names to give with --as.

Examples:
  $ npx dispatch kong adopt routes orders --as dispatch.default.orders.1f0c3a9b
  $ npx dispatch kong adopt services dispatch.dispatch-edge
`

export function addKongAdoptCommand(kong: Command, context: Context): void {
  const command = kong
    .command('adopt')
    .argument('<kind>', `one of ${KINDS.join(', ')}`)
    .argument('<key>', 'id or name of the entity that is there')
    .description('Take over an entity that others made.')
  addConfigOption(command)
    .option('--as <name>', 'name of the entity that it is to be (default: the name that it has)')
    .addHelpText('after', HELP)
    .action(async (kind: string, key: string, options: ConfigFileOption & { readonly as?: string }) => {
      if (!KINDS.includes(kind as Kind))
        throw usageFailure(`there are no ${kind}`, `one of ${KINDS.join(', ')}`)
      await withKong(options, context, async (work) => {
        if (work.kong.mode === 'dbless') {
          throw new Failure('a Kong without a database has nothing of others')
        }
        const wanted = { kind: kind as Kind, key, as: options.as ?? null }
        const taken = await takeOver(work.session, work.desired, wanted, work.signal)
        const failure = taken.failures[0]
        if (failure !== undefined) throw new Failure(`${kind} ${key}: ${failure.reason}`)
        report(await runRound(work, context, false), context)
      })
    })
}
