import type { Command } from 'commander'
import type { Context } from './context.ts'

const HELP = `
Generated from what the gateway checks the configuration by, so it is never out of date.

Example:
  $ npx dispatch reference | less
`

export function addReferenceCommand(program: Command, { terminal, gateway }: Context): void {
  program
    .command('reference')
    .description('Print everything that may stand in the configuration, as Markdown.')
    .addHelpText('after', HELP)
    .action(async () => {
      terminal.stdout.write(await gateway.renderReference())
    })
}
