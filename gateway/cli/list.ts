import type { Command } from 'commander'
import type { BackendFunctions, ListedFunction } from '../management/lifecycle-host.ts'
import { functionTitle } from './burst-row.ts'
import { addConfigOption, type ConfigFileOption, findConfigFile } from './config-file.ts'
import type { Context } from './context.ts'
import { openManagementClient } from './management-client.ts'
import { printable } from './printable.ts'
import { table } from './table.ts'

const HELP = `
FUNCTION is the function of the configuration that calls one by this name; \`-\` where none
does. Limit is how many calls at once the platform takes for it.

Exit code 1 when no gateway answers or there is no such backend; a platform that cannot be
asked is told beside the others.

Examples:
  $ npx dispatch list
  $ npx dispatch list home
  $ npx dispatch list --json | jq '.backends[].functions[] | select(.bound == [])'
`

const HEADS = ['BACKEND', 'NAME', 'STATE', 'REPLICAS', 'LIMIT', 'FUNCTION', 'SOURCE']

export function addListCommand(program: Command, context: Context): void {
  const command = program
    .command('list')
    .argument('[backend]', 'of this backend alone')
    .description('List the functions on the platforms.')
  addConfigOption(command)
    .option('--json', 'print everything as JSON')
    .addHelpText('after', HELP)
    .action(async (backend: string | undefined, options: ConfigFileOption & { readonly json?: boolean }) => {
      const client = await openManagementClient(findConfigFile(options, context.terminal), context)
      try {
        const query = backend === undefined ? '' : `?${new URLSearchParams({ backend })}`
        const listed = await client.sendForJson({ method: 'GET', path: `/v1/functions${query}` })
        const { stdout } = context.terminal
        if (options.json) stdout.write(`${JSON.stringify(listed, null, 2)}\n`)
        else stdout.write(listText((listed as { readonly backends: readonly BackendFunctions[] }).backends))
      } finally {
        await client.close()
      }
    })
}

/** The functions of all backends on one screen. */
export function listText(backends: readonly BackendFunctions[]): string {
  const rows = backends.flatMap(({ backend, functions, missing }) => [
    ...functions.map((each) => functionRow(backend, each)),
    ...missing.map(({ organization, functionName, name }) => [
      backend,
      name,
      'missing',
      '-',
      '-',
      functionTitle(organization, functionName),
      '-',
    ]),
  ])
  const errors = backends.flatMap(({ backend, error }) =>
    error === null ? [] : [`${backend}: ${printable(error)}\n`],
  )
  const listing = rows.length === 0 ? 'No functions.\n' : table([HEADS, ...rows])
  const told = rows.length > 0 || backends.length > errors.length ? listing : ''
  return [told, ...(told === '' || errors.length === 0 ? [] : ['\n']), ...errors, unboundHint(backends)].join(
    '',
  )
}

function functionRow(
  backend: string,
  { name, ready, replicas, limit, source, bound }: ListedFunction,
): string[] {
  const callers = bound.map(({ organization, functionName }) => functionTitle(organization, functionName))
  return [
    backend,
    name,
    ready ? 'ready' : 'not ready',
    String(replicas ?? '-'),
    String(limit ?? '-'),
    callers.join(', ') || '-',
    source ?? '-',
  ]
}

/** How the first function that nobody calls is bound: by its own name where that is one, which it nearly always is. */
function unboundHint(backends: readonly BackendFunctions[]): string {
  for (const { backend, functions } of backends) {
    const { name } = functions.find(({ bound }) => bound.length === 0) ?? {}
    if (name === undefined) continue
    const isName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)
    const binding = isName
      ? `${name}: { deployments: [${backend}] }`
      : `NAME: { deployments: [{ backend: ${backend}, name: ${JSON.stringify(name)} }] }`
    return `\nOne that no function calls is bound by a line under \`functions\`, such as:\n  ${printable(binding)}\n`
  }
  return ''
}
