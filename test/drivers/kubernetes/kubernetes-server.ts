import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import type { TLSSocket } from 'node:tls'
import { listen, shut } from '../../loopback.ts'
import { ObjectStore, Refused, type Resource, type StoredObject, titleOf } from './object-store.ts'
import type { PodLog } from './pod-log.ts'

export interface KubernetesServerOptions {
  readonly key: string
  readonly cert: string
  /** Authority of client certificates. */
  readonly ca: string
  /** Groups of which there are kinds, beside `` (pods). */
  readonly groups: readonly string[]
}

/** One request, as it was asked. */
export interface Asked {
  readonly method: string
  readonly target: string
  /** Who asked; empty for nobody. */
  readonly user: string
  readonly headers: IncomingHttpHeaders
}

const PLACE =
  /^\/(?:api|apis\/(?<group>[^/]+))\/(?<version>[^/]+)\/namespaces\/(?<namespace>[^/]+)\/(?<plural>[^/]+)(?:\/(?<name>[^/]+)(?:\/(?<sub>status|log))?)?$/

/**
 * The API of a Kubernetes cluster over TLS, as far as drivers ask it, with the answers that kube-apiserver 1.36 was
 * recorded to give: Status bodies, versions, pages, labels, logs of pods. There are no controllers in it.
 */
export class KubernetesServer {
  readonly objects = new ObjectStore()
  /** Logs by the names of pods. */
  readonly logs = new Map<string, PodLog>()
  readonly asked: Asked[] = []
  connections = 0
  /** Bearer tokens that are taken, and whose they are. */
  readonly tokens = new Map<string, string>()
  /** Users that may do nothing. */
  readonly denied = new Set<string>()
  /** Answers this many requests with 429 first. */
  busy = 0
  /** Whether a request gets no answer, but its connection cut. */
  cut: (request: IncomingMessage) => boolean = () => false
  /** Called when a request was answered. */
  answered: (() => void) | null = null
  /** Called when an update has been read and not yet been made. */
  beforeReplace: (() => void) | null = null
  readonly #groups: ReadonlySet<string>
  readonly #server: https.Server

  constructor({ key, cert, ca, groups }: KubernetesServerOptions) {
    this.#groups = new Set(['', ...groups])
    this.#server = https.createServer(
      { key, cert, ca, requestCert: true, rejectUnauthorized: false },
      (request, response) => void this.#serve(request, response),
    )
    this.#server.on('secureConnection', () => this.connections++)
  }

  async listen(): Promise<string> {
    return `https://127.0.0.1:${await listen(this.#server)}`
  }

  close(): void {
    shut(this.#server)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => {})
    if (this.cut(request)) return void request.socket.destroy()
    const user = this.#userOf(request)
    this.asked.push({ method: request.method!, target: request.url!, user, headers: request.headers })
    try {
      const url = new URL(request.url!, 'https://api')
      const place = PLACE.exec(url.pathname)?.groups ?? {}
      const { group = '', version = '', namespace = '', plural = '', name, sub } = place
      if (user === '') throw new Refused(401, 'Unauthorized', 'Unauthorized')
      if (this.busy > 0) {
        this.busy--
        response.setHeader('Retry-After', '0')
        throw new Refused(429, 'TooManyRequests', 'too many requests, please try again later')
      }
      const resource = { group, version, namespace, plural }
      if (this.denied.has(user)) throw forbidden(user, request.method!, resource)
      if (plural === '' || !this.#groups.has(group)) return notThere(response)
      if (sub === 'log') return this.#log(name!, url.searchParams, request, response)
      answer(response, ...(await this.#do(request, url, resource, name, sub === 'status')))
      this.answered?.()
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const { code, reason, message, details } = error
      const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason }
      answer(response, code, { ...status, ...(details === undefined ? {} : { details }), code })
    }
  }

  #userOf({ headers, socket }: IncomingMessage): string {
    const { authorized } = socket as TLSSocket
    if (authorized) return String((socket as TLSSocket).getPeerCertificate().subject.CN)
    return this.tokens.get(headers.authorization?.replace(/^Bearer /, '') ?? '') ?? ''
  }

  async #do(
    request: IncomingMessage,
    { searchParams }: URL,
    resource: Resource,
    name: string | undefined,
    isStatus: boolean,
  ): Promise<[number, unknown]> {
    const { objects } = this
    switch (`${request.method} ${name === undefined ? 'list' : 'object'}`) {
      case 'GET list':
        return [200, page(resource, objects.all(resource), searchParams)]
      case 'GET object':
        return [200, objects.get(resource, name!)]
      case 'POST list':
        return [201, objects.create(resource, await bodyOf(request))]
      case 'PUT object': {
        const sent = await bodyOf(request)
        if (!isStatus) this.beforeReplace?.()
        return [200, objects.replace(resource, name!, sent, isStatus)]
      }
      case 'DELETE object': {
        const { uid } = objects.delete(resource, name!).metadata
        const details = { name, group: resource.group, kind: resource.plural, uid }
        return [200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }]
      }
      default:
        throw new Refused(
          405,
          'MethodNotAllowed',
          'the server does not allow this method on the requested resource',
        )
    }
  }

  #log(name: string, query: URLSearchParams, request: IncomingMessage, response: ServerResponse): void {
    const resource = { group: '', version: 'v1', namespace: 'default', plural: 'pods' }
    this.objects.get(resource, name)
    const container = query.get('container')
    const log = this.logs.get(name)
    if (log === undefined) {
      const state = `container "${container}" in pod "${name}" is waiting to start: ContainerCreating`
      throw new Refused(400, 'BadRequest', state)
    }
    response.writeHead(200, { 'Content-Type': 'text/plain' })
    log.serve(query, request, response)
  }
}

/** Pages as the API makes them. */
function page(resource: Resource, all: StoredObject[], query: URLSearchParams): object {
  const wanted = (query.get('labelSelector') ?? '').split(',').filter((part) => part !== '')
  const found = all.filter(({ metadata }) =>
    wanted.every((part) => {
      const [label = '', value] = part.split('=')
      return metadata.labels?.[label] === value
    }),
  )
  const from = Number(query.get('continue') ?? 0)
  const limit = Number(query.get('limit') ?? found.length)
  const isMore = from + limit < found.length
  const { group, version } = resource
  return {
    kind: 'List',
    apiVersion: group === '' ? version : `${group}/${version}`,
    metadata: { resourceVersion: '1', ...(isMore ? { continue: String(from + limit) } : {}) },
    items: found.slice(from, from + limit),
  }
}

function forbidden(user: string, method: string, resource: Resource): Refused {
  const verb = method === 'GET' ? 'list' : method.toLowerCase()
  const message = `${titleOf(resource)} is forbidden: User "${user}" cannot ${verb} resource "${resource.plural}" in API group "${resource.group}" in the namespace "${resource.namespace}"`
  return new Refused(403, 'Forbidden', message)
}

function notThere(response: ServerResponse): void {
  response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('404 page not found\n')
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body, null, 2)
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  })
  response.end(text)
}

async function bodyOf(request: IncomingMessage): Promise<StoredObject> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString()) as StoredObject
}
