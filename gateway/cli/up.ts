import { dirname } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../config/schema.ts'
import { stateDirectoryOf } from '../development/state-directory.ts'
import { addConfigOption, type ConfigFileOption, findConfigFile, shownPath } from './config-file.ts'
import type { Context, StartedGateway } from './context.ts'
import { Failure } from './failure.ts'
import { readyText } from './ready-text.ts'
import { announceGateway, findGateway, withdrawGateway } from './running-gateway.ts'

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
      const gateway = await start(configFile, context)
      const token = gateway.config.gateway.management.token === null ? 'state' : 'configuration'
      await announceGateway(state, { pid: process.pid, management: gateway.addresses.management, token })
      terminal.stdout.write(await readyText(gateway, performance.now() - startMs, terminal))
      context.exitWith(await gateway.closed)
      await withdrawGateway(state, process.pid)
    })
}

async function start(configFile: string, context: Context): Promise<StartedGateway> {
  try {
    return await context.gateway.startGateway({ configFile })
  } catch (error) {
    const refused = listenErrorOf(error)
    if (refused === null) throw error
    const config = await context.gateway.loadConfig(configFile)
    throw await explained(refused, config, shownPath(configFile, context.terminal))
  }
}

interface ListenError extends Error {
  readonly code: 'EADDRINUSE' | 'EACCES' | 'EADDRNOTAVAIL'
  readonly address?: string
  readonly port?: number
}

/** The error of the operating system about a port, wherever it stands in the chain of causes. */
function listenErrorOf(error: unknown): ListenError | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, syscall } = cause as NodeJS.ErrnoException
    if (syscall !== 'listen' && syscall !== 'bind') continue
    if (code === 'EADDRINUSE' || code === 'EACCES' || code === 'EADDRNOTAVAIL') return cause as ListenError
  }
  return null
}

async function explained(error: ListenError, config: Config, file: string): Promise<Failure> {
  const { http, https, management } = config.gateway
  const settings = [
    ['gateway.http', http?.port],
    ['gateway.https.address', https?.address.port],
    ['gateway.management.address', management.address.port],
  ] as const
  const setting = settings.find(([, port]) => port === error.port)?.[0] ?? 'gateway.http, gateway.https'
  const address = `${error.address ?? ''}:${error.port ?? ''}`
  const reason = {
    EADDRINUSE: `the address ${address} is in use`,
    EACCES: `this user may not listen at ${address}`,
    EADDRNOTAVAIL: `this machine has no address ${error.address ?? ''}`,
  }[error.code]
  const other = await findGateway(stateDirectoryOf(config.directory))
  const hint =
    other === null
      ? `Stop what listens there, or change ${setting} in ${file}.`
      : `A gateway runs on ${file} already (process ${other.pid}). Stop it, or change ${setting}.`
  return new Failure(reason, hint, { cause: error })
}
