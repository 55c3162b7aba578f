import { dirname } from 'node:path'
import type { FunctionConfig, RouteConfig } from '../config/schema.ts'
import { openDevelopmentIssuer } from '../development/issuer.ts'
import { MANAGEMENT_TOKEN_FILE } from '../development/management-token.ts'
import { stateDirectoryOf } from '../development/state-directory.ts'
import { configArgument, shownPath } from './config-file.ts'
import type { StartedGateway } from './context.ts'
import { grantsFor, sampleCall } from './sample-call.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

const DAY_MS = 86_400_000
/** More would push what matters off the screen. */
const MOST_ROWS = 20

/** What a person needs who has just started a gateway: where it is, what it serves, and a first call. */
export async function readyText(
  gateway: StartedGateway,
  tookMs: number,
  terminal: Terminal,
): Promise<string> {
  const { config } = gateway
  return [
    endpointsText(gateway, tookMs, terminal),
    '\nFunctions\n',
    table(shortened(config.functions.map(functionRow)), '  '),
    '\nRoutes\n',
    table(shortened(config.routes.map(routeRow)), '  '),
    await firstCall(gateway, terminal),
    '\nStop it with Ctrl-C. Saved changes of the configuration and of functions are taken up at once.\n',
  ].join('')
}

/** Where the gateway is. */
export function endpointsText(gateway: StartedGateway, tookMs: number, terminal: Terminal): string {
  const file = shownPath(gateway.config.file, terminal)
  const took = (tookMs / 1000).toFixed(1)
  return `Dispatch Edge serves ${file} after ${took} s\n${table(endpoints(gateway, terminal), '  ')}`
}

function endpoints({ addresses, config }: StartedGateway, terminal: Terminal): string[][] {
  const state = stateDirectoryOf(dirname(config.file))
  const token =
    config.gateway.management.token === null
      ? `(token in ${shownPath(state.path(MANAGEMENT_TOKEN_FILE), terminal)})`
      : '(token from the configuration)'
  return [
    ['https', addresses.https === null ? 'off' : `https://${addresses.https}`],
    ['http', addresses.http === null ? 'off' : `http://${addresses.http}`],
    ['management', `http://${addresses.management}`, token],
  ]
}

function functionRow({ name, organization, deployments }: FunctionConfig): string[] {
  return [owned(organization, name), `on ${deployments.map(({ backend }) => backend).join(', ')}`]
}

function routeRow({ methods, hosts, path, organization, functionName, auth }: RouteConfig): string[] {
  const host = hosts.length === 0 ? '' : hosts.length === 1 ? hosts[0]! : `{${hosts.join(',')}}`
  const all = methods.length === 7 ? 'ANY' : methods.filter((method) => method !== 'HEAD').join(',')
  return [all || 'HEAD', `${host}${path}`, owned(organization, functionName), demand(auth)]
}

function demand(auth: RouteConfig['auth']): string {
  if (auth === null) return 'public'
  const parts = [
    ...(auth.scopes.length > 0 ? [`scope ${auth.scopes.join(' ')}`] : []),
    ...(auth.roles.length > 0 ? [`role ${auth.roles.join(' or ')}`] : []),
  ]
  return parts.length === 0 ? 'credential' : `credential with ${parts.join(', ')}`
}

function owned(organization: string, name: string): string {
  return organization === 'default' ? name : `${organization}/${name}`
}

function shortened(rows: string[][]): string[][] {
  if (rows.length === 0) return [['none']]
  if (rows.length <= MOST_ROWS) return rows
  return [...rows.slice(0, MOST_ROWS), [`and ${rows.length - MOST_ROWS} more`]]
}

async function firstCall(gateway: StartedGateway, terminal: Terminal): Promise<string> {
  const { config, authorityFile } = gateway
  const { development } = config.identity
  if (development === null) return ''
  const issuer = await openDevelopmentIssuer(stateDirectoryOf(dirname(config.file)), config)
  const { organization } = development
  const grants = grantsFor(organization, config.routes)
  const token = issuer.mintToken({ subject: 'developer', organization, ...grants, lifetimeMs: DAY_MS })
  // npm may have moved to another folder than the one where the line will be pasted.
  const pastedIn = terminal.env['INIT_CWD'] ?? terminal.cwd
  const authority = authorityFile === null ? null : shownPath(authorityFile, { cwd: pastedIn })
  const call = sampleCall(gateway, authority, organization, token)
  return [
    `\nA development token, good for a day (another: npx dispatch token${configArgument(config.file, terminal)})\n  ${token}\n`,
    call === null ? '' : `\nTry it\n  ${call}\n`,
  ].join('')
}
