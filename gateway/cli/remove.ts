import type { Command } from 'commander'
import type { Done } from '../management/lifecycle-host.ts'
import { findConfigFile } from './config-file.ts'
import type { Context } from './context.ts'
import { addDeploymentOptions, type DeploymentOptions, deploymentPath } from './deployment-path.ts'
import { openManagementClient } from './management-client.ts'
import { printable } from './printable.ts'

const HELP = `
Takes the function off the platform; the configuration stays as it is. Calls go to its other
backends, or fail when it has none.

Examples:
  $ npx dispatch remove resize --backend home
`

export function addRemoveCommand(program: Command, context: Context): void {
  const command = program
    .command('remove')
    .argument('<function>', 'name of the function')
    .description('Remove a function from a platform.')
  addDeploymentOptions(command)
    .addHelpText('after', HELP)
    .action(async (name: string, options: DeploymentOptions) => {
      const client = await openManagementClient(findConfigFile(options, context.terminal), context)
      try {
        const path = deploymentPath(name, options)
        const done = (await client.sendForJson({ method: 'DELETE', path })) as Done
        context.terminal.stdout.write(`${printable(`removed ${done.name} from ${done.backend}`)}\n`)
      } finally {
        await client.close()
      }
    })
}
