import type { Command } from 'commander'
import { addConfigOption, type ConfigFileOption } from './config-file.ts'
import type { Context } from './context.ts'
import { planJson, planText } from './kong-plan-text.ts'
import { lookAndPlan, withKong } from './kong-session.ts'

const HELP = `
Reads Kong and writes nothing. + is created, ~ changed, ! put right because somebody else
changed it, - deleted; x cannot be done, and says why.

Exit codes: 0 nothing to do, 1 failed, 2 there are differences.

Examples:
  $ npx dispatch kong plan
  $ npx dispatch kong plan --json | jq '.changes[].name'
`

/** What is to be written, and its exit code. */
const DIFFERENCES = 2

export function addKongPlanCommand(kong: Command, context: Context): void {
  const command = kong.command('plan').description('Tell what differs in Kong.')
  addConfigOption(command)
    .option('--json', 'print everything as JSON')
    .addHelpText('after', HELP)
    .action(async (options: ConfigFileOption & { readonly json?: boolean }) => {
      await withKong(options, context, async (work) => {
        const { plan } = await lookAndPlan(work)
        const { stdout } = context.terminal
        stdout.write(options.json ? planJson(plan) : planText(plan, work.desired))
        if (plan.work !== null || plan.changes.length > 0) context.exitWith(DIFFERENCES)
      })
    })
}
