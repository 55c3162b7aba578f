import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { Failure } from './failure.ts'
import { shellWord } from './shell-word.ts'
import type { Terminal } from './terminal.ts'

/** Name of a configuration that nobody named. */
export const CONFIG_FILE = 'dispatch.yaml'

/** The folder that this program was checked out or installed to. */
export const PROJECT_FOLDER = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** The configuration and the functions that `npm start` serves and `dispatch init` copies. */
export const QUICK_START_FOLDER = join(PROJECT_FOLDER, 'gateway/quickstart')

export interface ConfigFileOption {
  readonly config?: string
}

export function addConfigOption(command: Command): Command {
  return command.option(
    '-c, --config <file>',
    `the configuration (default: $DISPATCH_CONFIG, else ${CONFIG_FILE} here, else the quick start when here is its project)`,
  )
}

/**
 * Absolute path of the configuration that a command works with.
 *
 * @throws Failure When there is none.
 */
export function findConfigFile({ config }: ConfigFileOption, { cwd, env }: Terminal): string {
  const named = config ?? env['DISPATCH_CONFIG']
  if (named !== undefined && named !== '') {
    const file = resolve(cwd, named)
    if (existsSync(file)) return file
    throw new Failure(`there is no file ${named}`, 'make one with: dispatch init')
  }
  const here = join(cwd, CONFIG_FILE)
  if (existsSync(here)) return here
  if (cwd === PROJECT_FOLDER) return join(QUICK_START_FOLDER, CONFIG_FILE)
  throw new Failure(
    `there is no ${CONFIG_FILE} here`,
    'make one with: dispatch init\nor name one with: --config FILE, or DISPATCH_CONFIG=FILE',
  )
}

/** What to add to a command so that it works on this configuration: nothing where it is found without. */
export function configArgument(file: string, terminal: Terminal): string {
  try {
    if (findConfigFile({}, terminal) === file) return ''
  } catch {
    // There is none that would be found.
  }
  return ` --config ${shellWord(shownPath(file, terminal))}`
}

/** A path as it is shorter to read and to type: relative when it is below the current folder. */
export function shownPath(file: string, { cwd }: Pick<Terminal, 'cwd'>): string {
  const path = relative(cwd, file)
  return path === '' || path.startsWith('..') ? file : path
}
