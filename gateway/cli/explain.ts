import type { Command } from 'commander'
import type { PlacementAnswer } from '../management/host.ts'
import { addConfigOption, type ConfigFileOption, findConfigFile } from './config-file.ts'
import type { Context } from './context.ts'
import { explanationText } from './explanation-text.ts'
import { openManagementClient } from './management-client.ts'

interface ExplainOptions extends ConfigFileOption {
  readonly organization: string
  readonly hint?: string
  readonly zone?: string
  readonly as?: string
  readonly role: readonly string[]
  readonly scope: readonly string[]
  readonly json?: boolean
}

const HELP = `
Tells where a call would go at this moment, and why, without making it: the tiers in the order
in which they are tried, who may serve it and what is known of them, who never does and what
they lack, and what is left of the burst budgets. Where chance decides between several, the
likeliest is named.

--as asks for a caller of that organization which routes of the function they may call; with
--role and --scope they have these. Where the call goes does not depend on it: budgets and
limits are those of the function.

How a call that was really made was placed, its caller learns with the header
"Dispatch-Explain: 1", if \`placement.explain\` names one of their roles.

Exit code 1 when no gateway answers or there is no such function.

Examples:
  $ npx dispatch explain hello
  $ npx dispatch explain resize --hint 'gpu, burst=?0' --zone eu-west-1/b
  $ npx dispatch explain resize -o acme --as globex --role admin
  $ npx dispatch explain hello --json | jq .tiers
`

export function addExplainCommand(program: Command, context: Context): void {
  const command = program
    .command('explain')
    .argument('<function>', 'name of the function')
    .description('Tell where a call of a function would go, and why.')
  addConfigOption(command)
    .option('-o, --organization <name>', 'organization of the function', 'default')
    .option('--hint <hint>', 'what the caller asks for, as in Dispatch-Hint')
    .option('-z, --zone <zone>', 'where the call comes in (default: where the gateway is)')
    .option('--as <organization>', 'organization of the caller')
    .option('-r, --role <name>', 'a role of the caller; may be repeated', append, [])
    .option('--scope <name>', 'a scope of the caller; may be repeated', append, [])
    .option('--json', 'print everything as JSON')
    .addHelpText('after', HELP)
    .action(async (name: string, options: ExplainOptions) => {
      const client = await openManagementClient(findConfigFile(options, context.terminal), context)
      try {
        const answer = await client.sendForJson({ method: 'GET', path: targetOf(name, options) })
        const { stdout } = context.terminal
        if (options.json) stdout.write(`${JSON.stringify(answer, null, 2)}\n`)
        else stdout.write(explanationText(answer as PlacementAnswer, options.zone ?? null))
      } finally {
        await client.close()
      }
    })
}

function targetOf(name: string, { organization, hint, zone, as, role, scope }: ExplainOptions): string {
  const query = new URLSearchParams()
  if (hint !== undefined) query.set('hint', hint)
  if (zone !== undefined) query.set('zone', zone)
  if (as !== undefined) query.set('as', as)
  for (const one of role) query.append('role', one)
  for (const one of scope) query.append('scope', one)
  const owner = encodeURIComponent(organization)
  const target = `/v1/organizations/${owner}/functions/${encodeURIComponent(name)}/placement`
  return query.size === 0 ? target : `${target}?${query}`
}

function append(value: string, before: readonly string[]): string[] {
  return [...before, value]
}
