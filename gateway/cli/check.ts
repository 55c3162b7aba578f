import type { Command } from 'commander'
import { formatMistakes } from '../config/format-mistakes.ts'
import type { Config } from '../config/schema.ts'
import { addConfigOption, type ConfigFileOption, findConfigFile, shownPath } from './config-file.ts'
import type { Context } from './context.ts'

const HELP = `
Reads the file as the gateway would, secrets and outside modules included, and serves nothing. Tells every mistake
at once, with its line and what was probably meant.

Examples:
  $ npx dispatch check
  $ npx dispatch check staging.yaml
`

export function addCheckCommand(program: Command, { terminal, gateway }: Context): void {
  const command = program
    .command('check')
    .argument('[file]', 'the configuration; the same as --config')
    .description('Tell what is wrong in a configuration.')
  addConfigOption(command)
    .addHelpText('after', HELP)
    .action(async (named: string | undefined, options: ConfigFileOption) => {
      const file = findConfigFile(named === undefined ? options : { config: named }, terminal)
      const { config, warnings } = await gateway.loadConfig(file)
      terminal.stderr.write(
        formatMistakes(warnings.map((one) => ({ ...one, file: shownPath(one.file, terminal) }))),
      )
      terminal.stdout.write(`ok: ${shownPath(file, terminal)} has ${countsOf(config, warnings.length)}\n`)
    })
}

/** `1 backend, 3 functions, 2 routes, 1 organization; 1 warning`. */
function countsOf(config: Config, warnings: number): string {
  const organizations = new Set(
    [...config.functions, ...config.routes].map(({ organization }) => organization),
  )
  const counts = [
    counted(config.backends.length, 'backend'),
    counted(config.functions.length, 'function'),
    counted(config.routes.length, 'route'),
    counted(organizations.size, 'organization'),
  ].join(', ')
  return warnings === 0 ? counts : `${counts}; ${counted(warnings, 'warning')}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
