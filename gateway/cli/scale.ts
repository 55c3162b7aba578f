import type { Command } from 'commander'
import type { Done } from '../management/lifecycle-host.ts'
import { findConfigFile } from './config-file.ts'
import type { Context } from './context.ts'
import { addDeploymentOptions, type DeploymentOptions, deploymentPath } from './deployment-path.ts'
import { usageFailure } from './failure.ts'
import { openManagementClient } from './management-client.ts'
import { printable } from './printable.ts'

const HELP = `
Resolves when the platform has accepted it; \`dispatch list\` shows how many run. With 0 it
sleeps until the next call, where the platform can wake it.

Examples:
  $ npx dispatch scale resize 5
  $ npx dispatch scale resize 0 --backend home
`

export function addScaleCommand(program: Command, context: Context): void {
  const command = program
    .command('scale')
    .argument('<function>', 'name of the function')
    .argument('<replicas>', 'how many are to run')
    .description('Set how many replicas of a function run.')
  addDeploymentOptions(command)
    .addHelpText('after', HELP)
    .action(async (name: string, replicas: string, options: DeploymentOptions) => {
      if (!/^\d{1,5}$/.test(replicas)) throw usageFailure(`${replicas} is no number of replicas`)
      const client = await openManagementClient(findConfigFile(options, context.terminal), context)
      try {
        const done = (await client.sendForJson({
          method: 'POST',
          path: deploymentPath(name, options, '/scale'),
          headers: [['content-type', 'application/json']],
          body: JSON.stringify({ replicas: Number(replicas) }),
        })) as Done
        context.terminal.stdout.write(
          printable(`scaled ${done.name} on ${done.backend} to ${Number(replicas)}`),
        )
        context.terminal.stdout.write('\n')
      } finally {
        await client.close()
      }
    })
}
