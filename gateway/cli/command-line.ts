import { Command, CommanderError } from 'commander'
import { formatMistakes } from '../config/format-mistakes.ts'
import { ConfigInvalid } from '../config/mistakes.ts'
import { GatewayError } from '../contract/errors.ts'
import { addCheckCommand } from './check.ts'
import { shownPath } from './config-file.ts'
import type { Context, GatewayAccess } from './context.ts'
import { addDeployCommand } from './deploy.ts'
import { addExplainCommand } from './explain.ts'
import { EXIT, Failure } from './failure.ts'
import { addHashKeyCommand } from './hash-key.ts'
import { addInitCommand } from './init.ts'
import { addInvokeCommand } from './invoke.ts'
import { addKongCommand } from './kong.ts'
import { addListCommand } from './list.ts'
import { addLogsCommand } from './logs.ts'
import { addReferenceCommand } from './reference.ts'
import { addReloadCommand } from './reload.ts'
import { addRemoveCommand } from './remove.ts'
import { addScaleCommand } from './scale.ts'
import { addSimulateCommand } from './simulate.ts'
import { addStatusCommand } from './status.ts'
import type { Terminal } from './terminal.ts'
import { addTokenCommand } from './token.ts'
import { addUpCommand } from './up.ts'
import { VERSION } from './version.ts'

const AFTER = `
Exit codes: 0 done, 1 failed, 2 asked wrongly.
DISPATCH_DEBUG=1 shows where an unexpected error came from.

Begin with:
  $ npx dispatch init my-gateway
  $ npx dispatch up --config my-gateway/dispatch.yaml
`

/** Runs one command. Never throws; what goes wrong is told on `stderr`, and in the exit code. */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal,
  gateway: GatewayAccess,
): Promise<number> {
  let exitCode: number = EXIT.ok
  const context: Context = { terminal, gateway, exitWith: (code) => (exitCode = code) }
  const program = createProgram(context)
  try {
    if (args.length === 0) program.outputHelp()
    else await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    return report(error, terminal)
  }
}

function createProgram(context: Context): Command {
  const { stdout, stderr } = context.terminal
  const program = new Command('dispatch')
    .description('Dispatch Edge: one secure gateway in front of functions on any platform.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this, or the help of a command')
    .exitOverride()
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
    .showHelpAfterError('(more with --help)')
    .addHelpText('after', AFTER)
  addUpCommand(program, context)
  addInitCommand(program, context)
  addCheckCommand(program, context)
  addTokenCommand(program, context)
  addInvokeCommand(program, context)
  addStatusCommand(program, context)
  addExplainCommand(program, context)
  addListCommand(program, context)
  addDeployCommand(program, context)
  addScaleCommand(program, context)
  addLogsCommand(program, context)
  addRemoveCommand(program, context)
  addSimulateCommand(program, context)
  addReloadCommand(program, context)
  addKongCommand(program, context)
  addReferenceCommand(program, context)
  addHashKeyCommand(program, context)
  return program
}

function report(error: unknown, terminal: Terminal): number {
  const { stderr, env } = terminal
  stderr.write(messageOf(error, terminal))
  if (env['DISPATCH_DEBUG'] && error instanceof Error) stderr.write(`${inspected(error)}\n`)
  return error instanceof Failure ? error.exitCode : EXIT.failed
}

function messageOf(error: unknown, terminal: Terminal): string {
  if (error instanceof ConfigInvalid) {
    const mistakes = error.mistakes.map((mistake) => ({
      ...mistake,
      file: shownPath(mistake.file, terminal),
    }))
    return formatMistakes(mistakes)
  }
  if (error instanceof GatewayError) return `error: ${error.detail} (${error.code})\n`
  if (error instanceof Failure && error.hint !== null) return `error: ${error.message}\n${error.hint}\n`
  return `error: ${error instanceof Error ? error.message : String(error)}\n`
}

function inspected(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${inspected(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}
