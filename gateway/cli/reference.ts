import type { Command } from 'commander'
import { renderReference } from '../config/reference.ts'
import { findConfigFile } from './config-file.ts'
import type { Context } from './context.ts'

const HELP = `
Generated from what the gateway checks the configuration by, so it is never out of date.
With --config it has the plugins and drivers too that this configuration loads from outside.

Examples:
  $ npx dispatch reference | less
  $ npx dispatch reference --config dispatch.yaml > settings.md
`

export function addReferenceCommand(program: Command, { terminal, gateway }: Context): void {
  program
    .command('reference')
    .description('Print everything that may stand in the configuration, as Markdown.')
    .option('-c, --config <file>', 'a configuration whose outside plugins and drivers are wanted too')
    .addHelpText('after', HELP)
    .action(async (options: { readonly config?: string }) => {
      const registry =
        options.config === undefined
          ? await gateway.registry()
          : (await gateway.loadConfig(findConfigFile(options, terminal))).registry
      terminal.stdout.write(renderReference(registry))
    })
}
