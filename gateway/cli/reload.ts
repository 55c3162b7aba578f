import type { Command } from 'commander'
import { addConfigOption, type ConfigFileOption, findConfigFile } from './config-file.ts'
import type { Context } from './context.ts'
import { Failure } from './failure.ts'
import { type ManagementAnswer, openManagementClient } from './management-client.ts'
import { printable } from './printable.ts'
import { problemText } from './problem.ts'

const HELP = `
Waits until every thread serves the new configuration. A configuration with mistakes changes
nothing; they are printed, and the exit code is 1.

Example:
  $ npx dispatch check && npx dispatch reload
`

export function addReloadCommand(program: Command, context: Context): void {
  const command = program
    .command('reload')
    .description('Have a running gateway read its configuration again.')
  addConfigOption(command)
    .addHelpText('after', HELP)
    .action(async (options: ConfigFileOption) => {
      const client = await openManagementClient(findConfigFile(options, context.terminal), context)
      try {
        const generation = await takenGeneration(await client.send({ method: 'POST', path: '/v1/reload' }))
        context.terminal.stdout.write(`The new configuration serves (generation ${generation}).\n`)
      } finally {
        await client.close()
      }
    })
}

/** @throws Failure With every mistake when the configuration was refused. */
async function takenGeneration(answer: ManagementAnswer): Promise<number> {
  const text = await answer.body.text()
  const result = objectOf(text)
  if (Array.isArray(result['mistakes']) && result['mistakes'].length > 0) {
    const mistakes = result['mistakes'].map((mistake) => `  ${printable(String(mistake))}`)
    throw new Failure('the configuration is refused, the one before serves on', mistakes.join('\n'))
  }
  if (answer.statusCode >= 400) throw new Failure(problemText(answer.statusCode, text))
  return Number(result['generation'])
}

function objectOf(text: string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(text) as object) }
  } catch {
    return {}
  }
}
