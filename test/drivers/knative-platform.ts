import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { listen, shut } from '../loopback.ts'
import { goClientError, goError } from './go-errors.ts'

export interface RevisionOptions {
  /** Calls at once; 0 for no limit. */
  readonly containerConcurrency?: number
  /** Calls that may wait for their turn. The platform's own is ten times the calls at once. */
  readonly queueDepth?: number
  /** `timeoutSeconds`, in milliseconds. */
  readonly timeoutMs?: number
  /** The activator does not know the revision. */
  readonly inactive?: boolean
}

interface Revision extends RevisionOptions {
  /** Where the container listens. */
  readonly port: number
  running: number
  readonly queue: (() => void)[]
}

/**
 * Knative Serving on one port: an Envoy as ingress, activator and sidecar in front of each container, with the answers
 * that their sources have (knative/serving 98e5ef9). They read and write at once, as with the annotation
 * `features.knative.dev/http-full-duplex: Enabled`.
 */
export class KnativePlatform {
  readonly #revisions = new Map<string, Revision>()
  readonly #agent = new http.Agent({ keepAlive: true })
  readonly #server = http.createServer((request, response) => this.#serve(request, response))

  constructor() {
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  async listen(): Promise<{ host: string; port: number }> {
    return { host: '127.0.0.1', port: await listen(this.#server) }
  }

  /** @param host What the ingress tells it by. */
  deploy(host: string, port: number, options: RevisionOptions = {}): void {
    this.#revisions.set(host, { ...options, port, running: 0, queue: [] })
  }

  close(): void {
    this.#agent.destroy()
    shut(this.#server)
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    request.on('error', () => {})
    response.on('error', () => {})
    response.setHeader('Server', 'envoy')
    const revision = this.#revisions.get(request.headers.host ?? '')
    if (revision === undefined) {
      response.writeHead(404, { 'Content-Length': 0 }).end()
      return
    }
    const startedAt = performance.now()
    response.setHeader('X-Envoy-Upstream-Service-Time', String(Math.round(performance.now() - startedAt)))
    // The sidecar answers probes of its own kind without the function.
    if (request.headers['k-network-probe'] !== undefined) return void response.end('queue')
    if (revision.inactive === true) {
      const text = 'Error getting active endpoint: revision.serving.knative.dev "kit-00001" not found'
      goError(response, 404, text)
      return
    }
    const { containerConcurrency = 0, queueDepth = containerConcurrency * 10 } = revision
    if (containerConcurrency === 0 || revision.running < containerConcurrency) {
      this.#run(request, response, revision)
    } else if (revision.queue.length >= queueDepth) {
      goError(response, 503, 'pending request queue full')
    } else {
      revision.queue.push(() => this.#run(request, response, revision))
    }
  }

  #run(request: IncomingMessage, response: ServerResponse, revision: Revision): void {
    const { port, timeoutMs } = revision
    revision.running++
    const upstream = http.request({
      host: '127.0.0.1',
      port,
      method: request.method,
      path: request.url,
      headers: forwarded(request),
      agent: this.#agent,
    })
    const timer =
      timeoutMs === undefined ? undefined : setTimeout(() => timeout(response, upstream), timeoutMs)
    response.on('close', () => {
      clearTimeout(timer)
      revision.running--
      upstream.destroy()
      revision.queue.shift()?.()
    })
    upstream.on('error', (error) => {
      if (response.headersSent) response.destroy()
      else goError(response, 502, goClientError(error, port))
    })
    upstream.on('response', (answer) => {
      for (let i = 0; i < answer.rawHeaders.length; i += 2) {
        const name = answer.rawHeaders[i]!
        if (/^(connection|transfer-encoding|keep-alive|server)$/i.test(name)) continue
        response.appendHeader(name, answer.rawHeaders[i + 1]!)
      }
      response.statusCode = answer.statusCode!
      response.flushHeaders()
      answer.on('error', () => response.destroy())
      answer.pipe(response)
    })
    request.pipe(upstream)
  }

  #upgrade(request: IncomingMessage, client: Duplex, head: Buffer): void {
    client.on('error', () => {})
    const revision = this.#revisions.get(request.headers.host ?? '')
    if (revision === undefined) {
      client.end('HTTP/1.1 404 Not Found\r\nserver: envoy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
      return
    }
    const container: Socket = connect(revision.port, '127.0.0.1')
    container.on('error', () => client.destroy())
    container.on('close', () => client.destroy())
    client.on('close', () => container.destroy())
    const lines = [`GET ${request.url} HTTP/1.1`]
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      lines.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}`)
    }
    container.write(`${lines.join('\r\n')}\r\n\r\n`)
    container.write(head)
    client.pipe(container).pipe(client)
  }
}

/** Everything but framing, and what ingress and sidecar add. */
function forwarded(request: IncomingMessage): string[] {
  const headers: string[] = []
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    if (/^(connection|keep-alive)$/i.test(request.rawHeaders[i]!)) continue
    headers.push(request.rawHeaders[i]!, request.rawHeaders[i + 1]!)
  }
  headers.push('X-Envoy-Expected-Rq-Timeout-Ms', '300000', 'K-Proxy-Request', 'queue')
  return headers
}

/** As the sidecar of this version: also after the answer has begun, and then it ends like any other. */
function timeout(response: ServerResponse, upstream: http.ClientRequest): void {
  if (!response.headersSent) {
    response.writeHead(504, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': 15 })
  }
  response.end('request timeout')
  upstream.destroy()
}
