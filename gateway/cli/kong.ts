import type { Command } from 'commander'
import type { Context } from './context.ts'
import { addKongAdoptCommand } from './kong-adopt.ts'
import { addKongPlanCommand } from './kong-plan.ts'
import { addKongPruneCommand } from './kong-prune.ts'
import { addKongRenderCommand } from './kong-render.ts'
import { addKongStatusCommand } from './kong-status.ts'
import { addKongSyncCommand } from './kong-sync.ts'

const HELP = `
These work from the configuration file alone; no gateway need run. A running one with
\`kong.sync\` does the same as "sync" by itself, when it takes a configuration and against
changes by others.

Begin with:
  $ npx dispatch kong plan
  $ npx dispatch kong sync --wait
`

/** `dispatch kong`: a group of commands. */
export function addKongCommand(program: Command, context: Context): void {
  const kong = program
    .command('kong')
    .description('Keep a Kong in front in step with the configuration.')
    .addHelpText('after', HELP)
  addKongPlanCommand(kong, context)
  addKongSyncCommand(kong, context)
  addKongStatusCommand(kong, context)
  addKongRenderCommand(kong, context)
  addKongAdoptCommand(kong, context)
  addKongPruneCommand(kong, context)
}
