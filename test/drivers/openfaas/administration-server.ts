import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { listen, shut } from '../../loopback.ts'

export interface Listed {
  readonly name: string
  readonly namespace?: string
  readonly image?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly availableReplicas?: number
  readonly replicas?: number
  readonly envVars?: Readonly<Record<string, string>>
  readonly [member: string]: unknown
}

export interface AdministrationOptions {
  readonly administrator?: { readonly user: string; readonly password: string }
  /** As gateway 0.25.4 without a Prometheus: the connection is cut without an answer. */
  readonly listCrashes?: boolean
  /** Answers instead of the list. */
  readonly list?: string
  /** Looks at a function until its replicas are available. */
  readonly looksUntilReady?: number
  /** What the provider says to a deployment instead of taking it. */
  readonly refusal?: { readonly status: number; readonly text: string }
  /** As the community edition: replicas are kept to 1 to 5, in silence. */
  readonly community?: boolean
  readonly namespaces?: readonly string[]
}

export interface Change {
  readonly method: string
  readonly path: string
  readonly body: Record<string, unknown>
}

/** The administration of OpenFaaS as its OpenAPI, its provider for Kubernetes and the recorded gateway have it. */
export class AdministrationServer {
  readonly asked: string[] = []
  readonly changes: Change[] = []
  functions: Listed[] = []
  /** Lines of `/system/logs`, as text; one that follows gets those that are added, until `endLogs`. */
  logs: string[] = []
  readonly #followers = new Set<ServerResponse>()
  readonly #looks = new Map<string, number>()
  readonly #options: AdministrationOptions
  readonly #server = http.createServer((request, response) => {
    this.#serve(request, response).catch(() => response.destroy())
  })

  constructor(options: AdministrationOptions = {}) {
    this.#options = options
  }

  async listen(): Promise<string> {
    return `http://127.0.0.1:${await listen(this.#server)}`
  }

  close(): void {
    shut(this.#server)
  }

  get followers(): number {
    return this.#followers.size
  }

  say(line: string): void {
    this.logs.push(line)
    for (const follower of this.#followers) follower.write(`${line}\n`)
  }

  /** As the gateway does when its `write_timeout` is over. */
  endLogs(): void {
    for (const follower of this.#followers) follower.end()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.asked.push(request.url!)
    const url = new URL(request.url!, 'http://x')
    if (url.pathname === '/healthz') return void response.end()
    const { administrator } = this.#options
    if (administrator !== undefined && request.headers.authorization !== basic(administrator)) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="Restricted"' }).end('invalid credentials')
      return
    }
    const content = await text(request)
    if (request.method !== 'GET') return this.#change(request.method!, url.pathname, content, response)
    const namespace = url.searchParams.get('namespace') ?? 'openfaas-fn'
    if (url.pathname === '/system/functions') return this.#list(request, response, namespace)
    if (url.pathname === '/system/namespaces')
      return answer(response, JSON.stringify(this.#options.namespaces ?? []))
    if (url.pathname === '/system/logs') return this.#logs(response, url.searchParams)
    const name = /^\/system\/function\/([^/]+)$/.exec(url.pathname)?.[1]
    const found = this.#in(namespace).find((each) => each.name === name)
    if (found === undefined) response.writeHead(404).end()
    else answer(response, JSON.stringify(this.#seen(found)))
  }

  #in(namespace: string): Listed[] {
    return this.functions.filter((each) => (each.namespace ?? 'openfaas-fn') === namespace)
  }

  #list(request: IncomingMessage, response: ServerResponse, namespace: string): void {
    const { listCrashes, list } = this.#options
    if (listCrashes === true) return void request.socket.destroy()
    answer(response, list ?? JSON.stringify(this.#in(namespace)))
  }

  /** A function that was deployed gets its replicas only after some looks at it. */
  #seen(found: Listed): Listed {
    const left = this.#looks.get(found.name) ?? 0
    this.#looks.set(found.name, left - 1)
    return left > 0 ? { ...found, availableReplicas: 0 } : found
  }

  #change(method: string, path: string, content: string, response: ServerResponse): void {
    const body = JSON.parse(content) as Record<string, unknown>
    this.changes.push({ method, path, body })
    const { refusal, looksUntilReady = 0, community } = this.#options
    if (refusal !== undefined) return void response.writeHead(refusal.status).end(refusal.text)
    const name = String(body['service'] ?? body['functionName'] ?? body['serviceName'])
    const found = this.functions.find((each) => each.name === name)
    if (method !== 'POST' && found === undefined) return void response.writeHead(404).end('not found')
    this.functions = this.functions.filter((each) => each !== found)
    if (path.startsWith('/system/scale-function/')) {
      const asked = Number(body['replicas'])
      const replicas = community === true ? Math.min(5, Math.max(1, asked)) : asked
      this.functions.push({ ...found!, replicas, availableReplicas: replicas })
    } else if (method !== 'DELETE') {
      this.functions.push({ ...body, name, replicas: 1, availableReplicas: 1 })
      this.#looks.set(name, looksUntilReady)
    }
    response.writeHead(method === 'PUT' ? 200 : 202).end()
  }

  #logs(response: ServerResponse, query: URLSearchParams): void {
    const since = query.get('since') ?? ''
    const kept = this.logs.filter((line) => since === '' || since <= String(JSON.parse(line).timestamp))
    const tail = Number(query.get('tail') ?? 0)
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' })
    for (const line of tail > 0 ? kept.slice(-tail) : kept) response.write(`${line}\n`)
    if (query.get('follow') !== 'true') return void response.end()
    this.#followers.add(response)
    response.on('close', () => this.#followers.delete(response))
  }
}

function answer(response: ServerResponse, text: string): void {
  response.setHeader('Content-Type', 'application/json')
  response.end(text)
}

function basic({ user, password }: { user: string; password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}
