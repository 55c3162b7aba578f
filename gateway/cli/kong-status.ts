import type { Command } from 'commander'
import { problemsOf } from '../../kong-plugins/sync/problems.ts'
import { addConfigOption, type ConfigFileOption } from './config-file.ts'
import type { Context } from './context.ts'
import { type KongWork, lookAndPlan, withKong } from './kong-session.ts'
import { printable } from './printable.ts'
import { table } from './table.ts'

const HELP = `
Asks Kong itself, also which gateways (targets) it sends calls to. How a running gateway keeps it in step tells "dispatch status".
`

export function addKongStatusCommand(kong: Command, context: Context): void {
  const command = kong.command('status').description('Show how Kong compares with the configuration.')
  addConfigOption(command)
    .option('--json', 'print everything as JSON')
    .addHelpText('after', HELP)
    .action(async (options: ConfigFileOption & { readonly json?: boolean }) => {
      await withKong(options, context, async (work) => {
        const { desired, session } = work
        const { look, plan } = await lookAndPlan(work)
        const kinds = [...new Set([...desired.entities, ...look.live.owned].map(({ kind }) => kind))]
        const entities = kinds.map((kind) => ({
          kind,
          wanted: desired.entities.filter((one) => one.kind === kind).length,
          there: look.live.owned.filter((one) => one.kind === kind).length,
        }))
        const problems = problemsOf(plan, null)
        const targets = await targetHealth(work)
        const { stdout } = context.terminal
        if (options.json) {
          const { facts, record } = look
          const content = {
            address: session.target.address,
            version: facts.version,
            owner: desired.owner,
            record,
            desiredDigest: desired.digest,
            entities,
            targets: Object.fromEntries(targets),
            differences: plan.changes.length,
            problems,
          }
          stdout.write(`${JSON.stringify(content, null, 2)}\n`)
          return
        }
        const written =
          look.record === null ? 'never' : new Date(look.record.generation).toISOString().replace('.000', '')
        const isOurs = look.record?.state === desired.digest
        stdout.write(
          table([
            ['kong', `${session.target.address}, version ${look.facts.version}`],
            ['owner', desired.owner],
            ['written', `${written}${look.record === null || isOurs ? '' : ', from another configuration'}`],
            ['state', plan.changes.length === 0 ? 'in step' : `${plan.changes.length} differences`],
          ]),
        )
        const rows = entities.map(({ kind, wanted, there }) => [kind, String(wanted), String(there)])
        stdout.write(`\n${table([['ENTITIES', 'WANTED', 'THERE'], ...rows])}`)
        stdout.write(`\n${table([['TARGET', 'HEALTH'], ...targets])}`)
        for (const problem of problems) stdout.write(`${printable(problem)}\n`)
      })
    })
}

/** What Kong thinks of the gateways that are wanted: `healthy`, `unhealthy`, `dns error`, or nothing yet. */
async function targetHealth({
  desired,
  session,
  signal,
}: KongWork): Promise<[target: string, health: string][]> {
  const { entities } = desired
  const upstream = entities.find(({ kind }) => kind === 'upstreams')!
  const known = await session.target.health(upstream.name, signal)
  return entities
    .filter(({ kind }) => kind === 'targets')
    .map(({ name }) => [
      name,
      printable(known.get(name) ?? 'not known')
        .toLowerCase()
        .replaceAll('_', ' '),
    ])
}
