import { dirname } from 'node:path'
import type { Command } from 'commander'
import { GatewayError } from '../contract/errors.ts'
import { type StateDirectory, stateDirectoryOf } from '../development/state-directory.ts'
import { addConfigOption, type ConfigFileOption, findConfigFile } from './config-file.ts'
import type { Context, StartedGateway } from './context.ts'
import { Failure } from './failure.ts'
import { endpointsText, readyText } from './ready-text.ts'
import { announceGateway, findGateway, withdrawGateway } from './running-gateway.ts'
import type { Terminal } from './terminal.ts'

const HELP = `
Runs in the foreground until SIGTERM or Ctrl-C: calls that run then are finished first.
A changed configuration is taken up at once, on SIGHUP, or by \`dispatch reload\`; one with
mistakes is refused, and the old one serves on.

Examples:
  $ npx dispatch up
  $ npx dispatch up --config staging.yaml
`

export function addUpCommand(program: Command, context: Context): void {
  const command = program.command('up').description('Run the gateway.')
  addConfigOption(command)
    .addHelpText('after', HELP)
    .action(async (options: ConfigFileOption) => {
      const { terminal } = context
      const configFile = findConfigFile(options, terminal)
      const state = stateDirectoryOf(dirname(configFile))
      const startMs = performance.now()
      const gateway = await start(configFile, state, context)
      // Whoever asks again while the rest is cleaned up must not take the exit code away.
      for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
      const token = gateway.config.gateway.management.token === null ? 'state' : 'configuration'
      await announceGateway(state, { pid: process.pid, management: gateway.addresses.management, token })
      await greet(gateway, performance.now() - startMs, terminal)
      context.exitWith(await gateway.closed)
      await withdrawGateway(state, process.pid)
    })
}

/** In development what is printed is for a person; elsewhere standard output belongs to the access log alone. */
async function greet(gateway: StartedGateway, tookMs: number, terminal: Terminal): Promise<void> {
  if (gateway.config.identity.development === null)
    terminal.stderr.write(endpointsText(gateway, tookMs, terminal))
  else terminal.stdout.write(await readyText(gateway, tookMs, terminal))
}

async function start(
  configFile: string,
  state: StateDirectory,
  { gateway }: Context,
): Promise<StartedGateway> {
  try {
    return await gateway.startGateway({ configFile })
  } catch (error) {
    const other = await findGateway(state)
    if (!(error instanceof GatewayError) || error.code !== 'GW_START_FAILED' || other === null) throw error
    const hint = `A gateway runs on this configuration already, in process ${other.pid}.`
    throw new Failure(error.detail, hint, { cause: error })
  }
}
