import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { AdminAnswer, AdminRequest } from './admin/admin-request.ts'
import { answerAboutEntities } from './admin/answer-about-entities.ts'
import { answerAboutSchemas } from './admin/answer-about-schemas.ts'
import { answerAboutTags } from './admin/answer-about-tags.ts'
import { collectionAt } from './admin/collections.ts'
import { GENERATED, type Generated } from './complete.ts'
import { Dao } from './dao.ts'
import { dump } from './declarative/dump.ts'
import { hashOf, load, readText } from './declarative/load.ts'
import type { Fields, Schema } from './field.ts'
import { PLUGINS } from './plugins.ts'
import { StandInProxy } from './proxy.ts'
import { type Body, htmlRefusal, readBody } from './read-body.ts'
import { methodNotAllowed, notFound, Refusal, unexpected, unsupported } from './refusals.ts'
import { isRecord, isUuid } from './validate.ts'

export interface StandInOptions {
  /** Without a database the whole configuration comes by `POST /config`. */
  readonly database?: boolean
  /** Plugins on board besides the usual ones. */
  readonly plugins?: Readonly<Record<string, Schema>>
  /** What the path of every request begins with, as behind a proxy: `/kong-admin`. */
  readonly basePath?: string
  /** A header without which everything is 401. */
  readonly token?: { readonly header: string; readonly value: string }
  readonly tls?: https.ServerOptions
  readonly generated?: Partial<Generated>
  /** A proxy too, which knows of a change so many milliseconds later. */
  readonly proxyDelayMs?: number
  readonly port?: number
}

const NO_CONFIGURATION = '0'.repeat(32)
const PROXY_BODY_LIMIT = 10 * 1024 * 1024

/** The Admin API of a Kong 3.9, as recorded from a real one; in memory. */
export class StandIn {
  readonly #server: http.Server
  readonly #options: StandInOptions
  readonly #plugins: Readonly<Record<string, Schema>>
  readonly #generated: Generated
  #proxy: StandInProxy | null = null
  #dao: Dao
  #hash = NO_CONFIGURATION

  private constructor(options: StandInOptions) {
    this.#options = options
    this.#plugins = { ...PLUGINS, ...options.plugins }
    this.#generated = { ...GENERATED, ...options.generated }
    this.#dao = new Dao(this.#plugins, this.#generated)
    const onRequest = (request: http.IncomingMessage, response: http.ServerResponse) => {
      this.#serve(request, response).catch((error) => response.destroy(error))
    }
    this.#server = options.tls ? https.createServer(options.tls, onRequest) : http.createServer(onRequest)
    this.#server.keepAliveTimeout = 75_000
  }

  static async open(options: StandInOptions = {}): Promise<StandIn> {
    const kong = new StandIn(options)
    await once(kong.#server.listen(options.port ?? 0, '127.0.0.1'), 'listening')
    if (options.proxyDelayMs !== undefined) kong.#proxy = await StandInProxy.open(options.proxyDelayMs)
    return kong
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo
    return `${this.#options.tls ? 'https' : 'http'}://127.0.0.1:${port}${this.#options.basePath ?? ''}`
  }

  /** Where clients call. @throws TypeError When there is no proxy. */
  get proxyUrl(): string {
    return this.#proxy!.url
  }

  /** What it holds; for tests that look at more entities than one would fetch. */
  get dao(): Dao {
    return this.#dao
  }

  async close(): Promise<void> {
    await this.#proxy?.close()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { status, body } = this.#answer(request, Buffer.concat(chunks))
    if (request.method !== 'GET' && status < 300) this.#proxy?.learn(this.#dao)
    response.statusCode = status
    response.setHeader('server', 'kong/3.9.3')
    response.setHeader('x-kong-admin-latency', '1')
    if (isRecord(body) && 'html' in body) {
      response.setHeader('content-type', 'text/html; charset=UTF-8')
      response.end(body['html'])
    } else if (status === 204 || status === 304) response.end()
    else {
      response.setHeader('content-type', 'application/json; charset=utf-8')
      response.end(JSON.stringify(body))
    }
  }

  #answer(request: http.IncomingMessage, raw: Buffer): AdminAnswer {
    try {
      return this.#route(request, raw)
    } catch (error) {
      if (error instanceof Refusal) return { status: error.status, body: error.body }
      console.error(error)
      return { status: 500, body: { message: 'An unexpected error occurred' } }
    }
  }

  #route(request: http.IncomingMessage, raw: Buffer): AdminAnswer {
    const { method = 'GET' } = request
    const { token, basePath = '' } = this.#options
    if (method === 'TRACE') throw htmlRefusal(405, 'Not Allowed')
    if (raw.length > PROXY_BODY_LIMIT) throw htmlRefusal(413, 'Request Entity Too Large')
    if (token && request.headers[token.header.toLowerCase()] !== token.value)
      throw new Refusal(401, { message: 'Invalid credentials. Token or User credentials required' })
    const url = new URL(request.url!, 'http://kong')
    if (!url.pathname.startsWith(basePath)) throw htmlRefusal(404, 'Not Found')
    const path = url.pathname.slice(basePath.length).replace(/^\/|\/$/g, '')
    const segments = path === '' ? [] : path.split('/').map(decodeURIComponent)
    const body = readBody(raw.toString(), request.headers['content-type'], segments[0] === 'config')
    return this.#dispatch(
      { method, segments, query: url.searchParams, body: body.value, form: body.form },
      body,
    )
  }

  #dispatch(request: AdminRequest, body: Body): AdminAnswer {
    const [first, second] = request.segments
    if (first === undefined) return { status: 200, body: this.#about() }
    if (first === 'status') return { status: 200, body: this.#status() }
    if (first === 'schemas') return answerAboutSchemas(this.#dao, request)
    if (first === 'tags') return this.#tags(request)
    if (first === 'config') return this.#config(request, body)
    if (first === 'filter-chains')
      throw new Refusal(400, { message: 'this endpoint is only available when wasm is enabled' })
    if (first === 'plugins' && second === 'enabled')
      return { status: 200, body: { enabled_plugins: Object.keys(this.#plugins) } }
    if (this.#options.database === false) this.#refuseWrites(request)
    return answerAboutEntities(this.#dao, request)
  }

  #about(): Fields {
    const onBoard = Object.keys(this.#plugins).map((name) => [name, { version: '3.9.3', priority: 1000 }])
    return {
      version: '3.9.3',
      edition: 'community',
      tagline: 'Welcome to kong',
      node_id: '094fe487-dfaa-4f6b-9856-b89b86fb6add',
      plugins: { available_on_server: Object.fromEntries(onBoard), enabled_in_cluster: [] },
      configuration: {
        database: this.#options.database === false ? 'off' : 'postgres',
        router_flavor: 'traditional_compatible',
        worker_state_update_frequency: 5,
      },
    }
  }

  #status(): Fields {
    const server = { connections_active: 1, total_requests: 1 }
    return this.#options.database === false
      ? { configuration_hash: this.#hash, server, memory: {} }
      : { database: { reachable: true }, server, memory: {} }
  }

  /** Without a database the last page of tags has a `next` too. */
  #tags(request: AdminRequest): AdminAnswer {
    if (this.#options.database !== false) return answerAboutTags(this.#dao, request)
    if (request.query.has('offset')) return { status: 200, body: { data: [], next: null } }
    const { body } = answerAboutTags(this.#dao, request)
    const offset = 'services|nil'
    const next = `/${request.segments.join('/')}?offset=${encodeURIComponent(offset)}`
    return { status: 200, body: { ...(body as Fields), next, offset } }
  }

  #config({ method, query }: AdminRequest, { value, text, yaml }: Body): AdminAnswer {
    if (this.#options.database !== false)
      throw new Refusal(400, {
        message: 'this endpoint is only available when Kong is configured to not use a database',
      })
    if (method === 'GET') return { status: 200, body: { config: dump(this.#dao) } }
    if (method !== 'POST') throw methodNotAllowed()
    const inner = isRecord(value) && typeof value['config'] === 'string' ? value['config'] : null
    const whole = inner === null && !yaml && isRecord(value) && '_format_version' in value
    const source = inner ?? text
    if (source === '') throw new Refusal(400, { message: 'expected a declarative configuration' })
    const hash = hashOf(source)
    if (!whole && query.get('check_hash') === '1' && hash === this.#hash) return { status: 304, body: null }
    const flattened = /^(true|1|on|yes)$/i.test(query.get('flatten_errors') ?? '')
    const { dao, answer } = load(whole ? value : readText(source), this.#plugins, this.#generated, flattened)
    this.#dao = dao
    this.#hash = hash
    return { status: 201, body: answer }
  }

  #refuseWrites({ method, segments, query }: AdminRequest): void {
    const kind = collectionAt(segments)
    if (!kind) throw notFound()
    const key = segments.length % 2 === 0 ? segments.at(-1)! : null
    if (method === 'GET' && key === null && query.has('tags') && segments.length === 1) {
      if (this.#dao.tables.all(kind).some((row) => row['tags'] === null)) throw unexpected()
      return
    }
    const by = key === null || isUuid(key) ? null : kind.endpointKey
    if (method === 'POST' && key === null) throw unsupported('create', kind.name, null)
    if (method === 'PUT') throw unsupported('create or update', kind.name, by)
    if (method === 'PATCH') throw unsupported('update', kind.name, by)
    if (method === 'DELETE' && key !== null && this.#dao.find(kind, key))
      throw unsupported('remove', kind.name, by)
  }
}
