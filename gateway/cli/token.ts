import { dirname } from 'node:path'
import type { Command } from 'commander'
import { parseDuration } from '../config/forms/duration.ts'
import { isRefused } from '../config/forms/form.ts'
import type { Config } from '../config/schema.ts'
import { openDevelopmentIssuer } from '../development/issuer.ts'
import { stateDirectoryOf } from '../development/state-directory.ts'
import { addConfigOption, type ConfigFileOption, findConfigFile } from './config-file.ts'
import type { Context } from './context.ts'
import { Failure, usageFailure } from './failure.ts'

interface TokenOptions extends ConfigFileOption {
  readonly subject: string
  readonly organization?: string
  readonly role: readonly string[]
  readonly scope: readonly string[]
  readonly expires: string
}

const HELP = `
The token is signed by the development issuer, which gateways trust whose configuration
has \`identity: { development: true }\`. It is printed alone, so that it fits into a command.

Examples:
  $ curl -H "authorization: Bearer $(npx dispatch token)" http://127.0.0.1:8080/hello/world
  $ npx dispatch token --subject ada --scope invoke --scope audit --expires 10m
`

export function addTokenCommand(program: Command, { terminal, gateway }: Context): void {
  const command = program.command('token').description('Mint a development token.')
  addConfigOption(command)
    .option('-s, --subject <name>', 'who is calling', 'developer')
    .option('-o, --organization <name>', 'of which organization (default: that of identity.development)')
    .option('-r, --role <name>', 'a role; may be repeated', append, [])
    .option('--scope <name>', 'a scope; may be repeated', append, [])
    .option('-e, --expires <duration>', 'for how long: 90s, 10m, 1h, 7d; 30d at most', '1h')
    .addHelpText('after', HELP)
    .action(async (options: TokenOptions) => {
      const { config } = await gateway.loadConfig(findConfigFile(options, terminal))
      terminal.stdout.write(`${await mint(config, options)}\n`)
    })
}

async function mint(config: Config, options: TokenOptions): Promise<string> {
  const { development } = config.identity
  if (development === null) {
    throw new Failure(
      'the configuration has no development identity',
      'Add it for trying things out on this machine:\n  identity:\n    development: true',
    )
  }
  const issuer = await openDevelopmentIssuer(stateDirectoryOf(dirname(config.file)), config)
  try {
    return issuer.mintToken({
      subject: options.subject,
      organization: options.organization ?? development.organization,
      roles: options.role,
      scopes: options.scope,
      lifetimeMs: lifetimeMs(options.expires),
    })
  } catch (error) {
    if (error instanceof RangeError) throw usageFailure(error.message)
    throw error
  }
}

function lifetimeMs(text: string): number {
  const parsed = parseDuration(text, { min: '1s', max: '30d' })
  if (isRefused(parsed)) throw usageFailure(`--expires: ${parsed.message}`, `Expected: ${parsed.expected}`)
  return parsed.value
}

function append(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
