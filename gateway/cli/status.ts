import type { Command } from 'commander'
import type { GatewayStatus } from '../observe/gateway-status.ts'
import { BURST_HEADS, burstRow, functionTitle } from './burst-row.ts'
import { addConfigOption, type ConfigFileOption, findConfigFile } from './config-file.ts'
import type { Context } from './context.ts'
import { kongStatusText } from './kong-status-text.ts'
import { openManagementClient } from './management-client.ts'
import { printable } from './printable.ts'
import { section, table } from './table.ts'

const HELP = `
Exit code 1 when no gateway answers; what it says about itself does not change the code.

Examples:
  $ npx dispatch status
  $ npx dispatch status --json | jq .threads
`

export function addStatusCommand(program: Command, context: Context): void {
  const command = program.command('status').description('Show how a running gateway is doing.')
  addConfigOption(command)
    .option('--json', 'print everything as JSON')
    .addHelpText('after', HELP)
    .action(async (options: ConfigFileOption & { readonly json?: boolean }) => {
      const client = await openManagementClient(findConfigFile(options, context.terminal), context)
      try {
        const status = (await client.sendForJson({ method: 'GET', path: '/v1/status' })) as GatewayStatus
        const { stdout } = context.terminal
        stdout.write(options.json ? `${JSON.stringify(status, null, 2)}\n` : statusText(status, Date.now()))
      } finally {
        await client.close()
      }
    })
}

/** The status on one screen. */
export function statusText(status: GatewayStatus, nowMs: number): string {
  const { configuration, threads, backends, deployments, burst, issuers } = status
  const { reloads } = configuration
  const summary = [
    ['gateway', `${status.version}, ${status.state} for ${age(nowMs - status.startedAt)}`],
    ['configuration', `${configuration.file}, taken ${age(nowMs - configuration.loadedAt)} ago`],
    ['reloads', `${reloads.succeeded} taken, ${reloads.failed} refused`],
  ]
  return [
    table(summary),
    refused(configuration, nowMs),
    section(
      ['THREAD', 'STATE', 'HEARTBEAT', 'RESTARTS'],
      threads.map((one) => [
        String(one.index),
        one.state,
        `${one.heartbeatAgeMs} ms ago`,
        String(one.restarts),
      ]),
    ),
    section(
      ['BACKEND', 'DRIVER', 'STATE', ''],
      backends.map(({ name, driver, ready, detail }) => [name, driver, readiness(ready), detail]),
    ),
    section(
      ['FUNCTION', 'BACKEND', 'NAME THERE', 'RUNNING', 'STATE'],
      deployments.map((one) => [
        functionTitle(one.organization, one.functionName),
        one.backend,
        one.name,
        String(one.inFlight),
        `${one.state.replaceAll('-', ' ')}${one.cold ? ', cold' : ''}`,
      ]),
    ),
    section(BURST_HEADS, burst.map(burstRow)),
    section(
      ['ISSUER', 'KEYS', 'STATE', 'FETCHED'],
      issuers.map(({ issuer, keys, state, fetchedAt }) => [
        issuer,
        String(keys),
        state,
        fetchedAt === 0 ? 'never' : `${age(nowMs - fetchedAt)} ago`,
      ]),
    ),
    kongStatusText(status.kong, nowMs, age),
  ].join('')
}

function refused({ lastError }: GatewayStatus['configuration'], nowMs: number): string {
  if (lastError === null) return ''
  const mistakes = lastError.mistakes.map((mistake) => `  ${printable(mistake)}\n`)
  return `\nThe configuration was refused ${age(nowMs - lastError.at)} ago, the one before serves on:\n${mistakes.join('')}`
}

function readiness(ready: boolean | null): string {
  if (ready === null) return 'not probed'
  return ready ? 'ready' : 'not ready'
}

/** A duration in its two largest units. */
function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  if (days > 0) return `${days} d ${hours % 24} h`
  if (hours > 0) return `${hours} h ${minutes % 60} min`
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`
}
