import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import http from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

const ADMIN = process.env['KONG_ADMIN_URL']?.replace(/\/$/, '') ?? null
const PROXY = process.env['KONG_PROXY_URL'] ?? null

/** Why nothing can be asked of a real Kong, or false. */
export const NO_KONG =
  ADMIN === null || PROXY === null
    ? 'KONG_ADMIN_URL and KONG_PROXY_URL name no Kong'
    : (await enabledPlugins()).includes('dispatch-edge')
      ? false
      : 'that Kong has no plugin dispatch-edge'

async function enabledPlugins(): Promise<string[]> {
  const response = await fetch(`${ADMIN}/plugins/enabled`)
  return ((await response.json()) as { enabled_plugins: string[] }).enabled_plugins
}

/** A plugin of a route. */
export interface Plugin {
  readonly name: string
  readonly config: object
}

export interface Setup {
  /** By name: where it leads. */
  readonly services: Readonly<Record<string, { readonly port: number; readonly path?: string }>>
  /** By host. */
  readonly routes: Readonly<
    Record<
      string,
      { readonly service: string; readonly plugins: readonly Plugin[] } & Record<string, unknown>
    >
  >
  /** Plugins of no route: they run on all that have none of their own of that name. */
  readonly plugins?: readonly Plugin[]
  readonly consumers: readonly {
    readonly username: string
    readonly custom_id?: string
    /** Of key-auth. */
    readonly key?: string
    /** Of basic-auth. */
    readonly password?: string
    readonly groups?: readonly string[]
  }[]
}

type Entity = Record<string, unknown> & { id: string }
type Entities = Record<'services' | 'routes' | 'plugins' | 'consumers', Entity[]> & {
  keyauth_credentials: Entity[]
  basicauth_credentials: Entity[]
  acls: Entity[]
}

/** Where credentials of consumers are in the Admin API. */
const NESTED = { keyauth_credentials: 'key-auth', basicauth_credentials: 'basic-auth', acls: 'acls' } as const

/** A route that answers once everything before it is in force. */
const MARKER = 'marker.test'

/** Brings a Kong with or without a database to a setup, and waits until it is in force. @returns Undoes it. */
export async function setUpKong(setup: Setup): Promise<() => Promise<void>> {
  const entities = entitiesOf(setup)
  const about = await askKongAdmin('GET', '/')
  const hasDatabase = (about['configuration'] as { database: string }).database !== 'off'
  if (!hasDatabase) await askKongAdmin('POST', '/config', { _format_version: '3.0', ...entities })
  else await writeAll(entities)
  // A path of its own: the marker of an earlier setup answers for a while.
  const [path] = entities.routes.at(-1)!['paths'] as string[]
  for (let i = 0; (await askKong(MARKER, path!)).status !== 299; i++) {
    assert.ok(i < 300, 'the setup never came into force')
    await pause(50)
  }
  return async () => {
    if (!hasDatabase) await askKongAdmin('POST', '/config', { _format_version: '3.0' })
    else await deleteAll(entities)
  }
}

function entitiesOf({ services, routes, consumers, plugins: everywhere = [] }: Setup): Entities {
  const found: Entities = {
    services: [],
    routes: [],
    plugins: [],
    consumers: [],
    keyauth_credentials: [],
    basicauth_credentials: [],
    acls: [],
  }
  const put = (kind: keyof Entities, fields: Record<string, unknown>): { id: string } => {
    const id = randomUUID()
    found[kind].push({ id, ...fields })
    return { id }
  }
  const ids = new Map(
    Object.entries(services).map(([name, { port, path }]) => [
      name,
      put('services', { name, host: '127.0.0.1', port, ...(path !== undefined && { path }), retries: 0 }),
    ]),
  )
  for (const { username, custom_id, key, password, groups = [] } of consumers) {
    const consumer = put('consumers', { username, ...(custom_id !== undefined && { custom_id }) })
    if (key !== undefined) put('keyauth_credentials', { key, consumer })
    if (password !== undefined) put('basicauth_credentials', { username, password, consumer })
    for (const group of groups) put('acls', { group, consumer })
  }
  for (const plugin of everywhere) put('plugins', { ...plugin })
  const marker = {
    service: Object.keys(services)[0]!,
    plugins: [{ name: 'request-termination', config: { status_code: 299 } }],
    paths: [`/${randomUUID()}`],
  }
  for (const [host, { service, plugins, ...fields }] of Object.entries({ ...routes, [MARKER]: marker })) {
    const route = put('routes', {
      service: ids.get(service),
      name: host,
      hosts: [host],
      strip_path: false,
      preserve_host: true,
      ...fields,
    })
    for (const plugin of plugins) put('plugins', { ...plugin, route })
  }
  return found
}

async function writeAll(entities: Entities): Promise<void> {
  for (const kind of ['services', 'consumers'] as const) {
    for (const { id, ...fields } of entities[kind]) await askKongAdmin('PUT', `/${kind}/${id}`, fields)
  }
  for (const [kind, path] of Object.entries(NESTED)) {
    for (const { consumer, ...fields } of entities[kind as keyof typeof NESTED])
      await askKongAdmin('POST', `/consumers/${(consumer as Entity).id}/${path}`, fields)
  }
  for (const kind of ['routes', 'plugins'] as const) {
    for (const { id, ...fields } of entities[kind]) await askKongAdmin('PUT', `/${kind}/${id}`, fields)
  }
}

async function deleteAll(entities: Entities): Promise<void> {
  for (const kind of ['plugins', 'routes', 'services', 'consumers'] as const) {
    for (const { id } of entities[kind]) await askKongAdmin('DELETE', `/${kind}/${id}`)
  }
}

export async function askKongAdmin(
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${ADMIN}${path}`, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  })
  const text = await response.text()
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`)
  return text === '' ? {} : JSON.parse(text)
}

export interface KongAnswer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

export interface KongAsked {
  readonly method?: string
  readonly headers?: http.OutgoingHttpHeaders | readonly string[]
}

/** Sends a request through the proxy of the Kong. */
export function askKong(
  host: string,
  path: string,
  { method = 'GET', headers = {} }: KongAsked = {},
): Promise<KongAnswer> {
  const { hostname, port } = new URL(PROXY!)
  const all = Array.isArray(headers) ? ['Host', host, ...headers] : { host, ...headers }
  return new Promise((resolve, reject) => {
    const request = http.request(
      { hostname, port, method, path, headers: all as http.OutgoingHttpHeaders, agent: false },
      (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (piece: string) => {
          body += piece
        })
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
      },
    )
    request.on('error', reject).end()
  })
}
