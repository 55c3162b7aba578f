import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { addConfigOption, type ConfigFileOption, findConfigFile } from './config-file.ts'
import type { Context } from './context.ts'
import { Failure, usageFailure } from './failure.ts'
import { isOfGateway, type ManagementAnswer, openManagementClient } from './management-client.ts'
import { problemText } from './problem.ts'
import type { Terminal } from './terminal.ts'

interface InvokeOptions extends ConfigFileOption {
  readonly data?: string
  readonly request?: string
  readonly header: readonly (readonly [string, string])[]
  readonly path: string
  readonly organization: string
  readonly include?: boolean
}

const HELP = `
Calls through the management port: no route, no token and no rate limit stands between, and
everything else is as for any call. The answer goes to standard output as it arrives.

Exit code 1 when the status is 400 or above. What the gateway itself refuses is told on
standard error.

Examples:
  $ npx dispatch invoke hello --path /world
  $ npx dispatch invoke echo -d '{"a": 1}' -H 'x-note: 7'
  $ npx dispatch invoke echo -X PUT -d @picture.png > same.png
  $ date | npx dispatch invoke echo -d - -i
`

export function addInvokeCommand(program: Command, context: Context): void {
  const command = program
    .command('invoke')
    .argument('<name>', 'name of the function')
    .description('Call a function.')
  addConfigOption(command)
    .option('-d, --data <data>', 'the body: a text, @FILE, or - for standard input; makes it a POST')
    .option('-X, --request <method>', 'the method')
    .option('-H, --header <line>', '"name: value"; may be repeated', appendHeader, [])
    .option('-p, --path <path>', 'path and query that the function sees', '/')
    .option('-o, --organization <name>', 'organization of the function', 'default')
    .option('-i, --include', 'print the head of the answer too')
    .addHelpText('after', HELP)
    .action(async (name: string, options: InvokeOptions) => {
      const client = await openManagementClient(findConfigFile(options, context.terminal), context)
      try {
        const body = await openBody(options.data, context.terminal)
        const answer = await client.send({
          method: (options.request ?? (options.data === undefined ? 'GET' : 'POST')).toUpperCase(),
          path: targetOf(name, options),
          headers: [...options.header, ...body.headers],
          body: body.content,
        })
        await relay(answer, options, context.terminal)
      } finally {
        await client.close()
      }
    })
}

function targetOf(name: string, { organization, path }: InvokeOptions): string {
  if (!path.startsWith('/')) throw usageFailure(`--path ${path} does not begin with a slash`)
  const owner = encodeURIComponent(organization)
  return `/v1/organizations/${owner}/functions/${encodeURIComponent(name)}/invoke${path}`
}

interface Body {
  readonly content: string | Readable | null
  /** `content-length`, where it is known and the content does not tell. */
  readonly headers: InvokeOptions['header']
}

async function openBody(data: string | undefined, terminal: Terminal): Promise<Body> {
  if (data === undefined) return { content: null, headers: [] }
  if (data === '-' || data === '@-') return { content: terminal.stdin, headers: [] }
  if (!data.startsWith('@')) return { content: data, headers: [] }
  const file = resolve(terminal.cwd, data.slice(1))
  const facts = await stat(file).catch(() => null)
  if (facts === null || facts.isDirectory()) throw usageFailure(`there is no file ${data.slice(1)}`)
  const headers = facts.isFile() ? [['content-length', String(facts.size)] as const] : []
  return { content: createReadStream(file), headers }
}

async function relay(
  answer: ManagementAnswer,
  { include }: InvokeOptions,
  terminal: Terminal,
): Promise<void> {
  if (include) terminal.stdout.write(headOf(answer))
  if (isOfGateway(answer)) throw new Failure(problemText(answer.statusCode, await answer.body.text()))
  try {
    await pipeline(answer.body, terminal.stdout, { end: false })
  } catch (error) {
    // Whoever reads our output has enough, as in `dispatch invoke clock | head`.
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return
    throw new Failure(`the answer broke off: ${(error as Error).message}`, null, { cause: error })
  }
  if (answer.statusCode >= 400) throw new Failure(`the function answered ${statusOf(answer)}`)
}

function headOf(answer: ManagementAnswer): string {
  const fields = Object.entries(answer.headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${name}: ${one}\n`),
  )
  return `HTTP/1.1 ${statusOf(answer)}\n${fields.join('')}\n`
}

function statusOf({ statusCode, statusText }: ManagementAnswer): string {
  return `${statusCode} ${statusText}`.trimEnd()
}

function appendHeader(line: string, before: InvokeOptions['header']): InvokeOptions['header'] {
  const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? []
  if (name === undefined || value === undefined) throw usageFailure(`-H ${line} is not "name: value"`)
  if (name.toLowerCase() === 'authorization') {
    throw usageFailure('authorization is taken by the management token: call a route to send one')
  }
  return [...before, [name, value]]
}
