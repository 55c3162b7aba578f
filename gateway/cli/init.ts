import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { CONFIG_FILE, configArgument, QUICK_START_FOLDER } from './config-file.ts'
import type { Context } from './context.ts'
import { Failure } from './failure.ts'

const IGNORED = '.dispatch/\n'

const HELP = `
Writes dispatch.yaml, three small functions in functions/ and a .gitignore. Refuses to overwrite anything.

Examples:
  $ npx dispatch init                 here
  $ npx dispatch init my-gateway      in a folder of its own
`

export function addInitCommand(program: Command, { terminal }: Context): void {
  program
    .command('init')
    .argument('[folder]', 'where to write; made when it is not there', '.')
    .description('Begin a configuration of your own from the quick start.')
    .addHelpText('after', HELP)
    .action(async (name: string) => {
      const folder = resolve(terminal.cwd, name)
      const files = [...(await quickStartFiles()), '.gitignore']
      const taken = files.filter((file) => existsSync(join(folder, file)))
      if (taken.length > 0) {
        throw new Failure(
          `${taken.join(', ')} is there already`,
          'name another folder: npx dispatch init FOLDER',
        )
      }
      for (const file of files) await write(folder, file)
      terminal.stdout.write(
        `Wrote ${files.join(', ')}.\nRun it: npx dispatch up${configArgument(join(folder, CONFIG_FILE), terminal)}\n`,
      )
    })
}

/** Relative paths; what the quick start keeps for itself (`.dispatch/`) is not among them. */
async function quickStartFiles(): Promise<string[]> {
  const functions = await readdir(join(QUICK_START_FOLDER, 'functions'))
  return [CONFIG_FILE, ...functions.map((name) => join('functions', name))]
}

async function write(folder: string, file: string): Promise<void> {
  const target = join(folder, file)
  await makeFolder(dirname(target))
  if (file === '.gitignore') await writeFile(target, IGNORED, { flag: 'wx' })
  else await copyFile(join(QUICK_START_FOLDER, file), target)
}

/** Level by level: the recursive way of Node never ends where a file system takes no folders, such as /proc. */
async function makeFolder(folder: string): Promise<void> {
  if (existsSync(folder)) return
  await makeFolder(dirname(folder))
  try {
    await mkdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
    throw new Failure(
      `the folder ${folder} cannot be made: ${(error as Error).message}`,
      'name another folder',
    )
  }
}
