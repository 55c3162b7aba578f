import type { Command } from 'commander'
import { renderReference } from '../config/reference.ts'
import type { Registry } from '../config/registry.ts'
import type { Terminal } from './terminal.ts'

const HELP = `
Generated from what the gateway checks the configuration by, so it is never out of date.

Example:
  $ npx dispatch reference | less
`

/** @param registry The drivers and plugins of the project; asked for when the command runs. */
export function addReferenceCommand(
  program: Command,
  { stdout }: Pick<Terminal, 'stdout'>,
  registry: () => Promise<Registry>,
): void {
  program
    .command('reference')
    .description('Print everything that may stand in the configuration, as Markdown.')
    .addHelpText('after', HELP)
    .action(async () => {
      stdout.write(renderReference(await registry()))
    })
}
