import type { Command } from 'commander'
import type { DeployProgress } from '../contract/lifecycle.ts'
import { answerLines } from './answer-lines.ts'
import { findConfigFile } from './config-file.ts'
import type { Context } from './context.ts'
import { type OrderOptions, orderOf } from './deploy-order.ts'
import { addDeploymentOptions, type DeploymentOptions, deploymentPath } from './deployment-path.ts'
import { Failure } from './failure.ts'
import { openManagementClient } from './management-client.ts'
import { printable } from './printable.ts'
import { ProgressDisplay } from './progress-display.ts'

const HELP = `
Puts the function on the platform, or replaces what is there, and waits until calls reach it.
Which platform takes an image and which a folder of code, and what else it can keep, its
answer tells. What is not asked for is the platform's default. A folder is sent to the
gateway whole, links followed.

--env NAME without a value takes it from the environment of this command. Whoever leaves while
waiting, as with Ctrl-C, takes nothing back: the platform goes on.

Examples:
  $ npx dispatch deploy resize --backend home --image registry.example.com/resize:1.4
  $ npx dispatch deploy hello --backend local --folder ./hello
  $ npx dispatch deploy resize -b home -i resize:1.4 --env MODE=fast --env TOKEN --memory 256MiB --min 1 --max 5
`

export function addDeployCommand(program: Command, context: Context): void {
  const command = program
    .command('deploy')
    .argument('<function>', 'name of the function')
    .description('Deploy a function to a platform.')
  addDeploymentOptions(command)
    .option('-i, --image <image>', 'container image')
    .option('-d, --folder <folder>', 'folder of code')
    .option('--runtime <name>', "runtime of the code, in the platform's words")
    .option('-e, --env <name=value>', 'environment variable; may be repeated', append, [])
    .option('-l, --label <name=value>', 'label; may be repeated', append, [])
    .option('--memory <size>', 'memory of a replica: 128MiB')
    .option('--cpu <cores>', 'cores of a replica: 0.5, or 500m')
    .option('--gpu <count>', 'GPUs of a replica')
    .option('--concurrency <calls>', 'calls at once that a replica takes')
    .option('--min <replicas>', 'least number of replicas')
    .option('--max <replicas>', 'greatest number of replicas')
    .option('--timeout <duration>', 'time that a call may take: 30s')
    .option('--wait <duration>', 'how long to wait until it is ready: 30m at most', '5m')
    .addHelpText('after', HELP)
    .action(async (name: string, options: DeploymentOptions & OrderOptions) => {
      const { terminal } = context
      const order = JSON.stringify(await orderOf(options, terminal))
      const client = await openManagementClient(findConfigFile(options, terminal), context)
      const display = new ProgressDisplay(terminal.stderr)
      try {
        const answer = await client.send({
          method: 'PUT',
          path: deploymentPath(name, options),
          headers: [['content-type', 'application/json']],
          body: order,
        })
        let done: Record<string, unknown> | null = null
        for await (const line of answerLines(answer)) {
          if (line['progress'] !== undefined) display.show(line['progress'] as DeployProgress)
          else done = line
        }
        display.end()
        if (done === null) throw new Failure('the answer broke off before its end')
        terminal.stdout.write(`${printable(`${done['result']} ${done['name']} on ${done['backend']}`)}\n`)
      } catch (error) {
        display.end()
        throw error
      } finally {
        await client.close()
      }
    })
}

function append(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
