import { randomUUID } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { listen, shut } from '../loopback.ts'
import { goError } from './go-errors.ts'
import { afterUpload, copyLikeGo, streamLikeGo } from './go-server.ts'
import { OfWatchdog, type WatchdogOptions } from './openfaas-watchdog.ts'

export interface PlatformOptions {
  /** Milliseconds until the gateway gives up on a function. */
  readonly upstreamTimeoutMs?: number
  /** As the gateways since 2025: streams to callers that accept events, and marks errors of its own. */
  readonly newer?: boolean
}

interface Deployed {
  /** Where the function itself listens. */
  readonly port: number
  readonly watchdog: OfWatchdog | null
}

/** How far a request is taken for that of a stream: nowhere, by provider and watchdog, or by the gateway too. */
type Streams = 'no' | 'behind the gateway' | 'whole way'

function streamOf(accept = ''): Streams {
  if (accept.startsWith('text/event-stream')) return 'whole way'
  return /text\/event-stream|application\/x-ndjson/i.test(accept) ? 'behind the gateway' : 'no'
}

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])
const NOT_FORWARDED = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'host',
])

/**
 * OpenFaaS on one port: gateway and provider with the manners that were recorded of gateway 0.25.4, functions behind
 * an of-watchdog or bare. What it does to names, paths, headers and framing is what the real one was seen to do, with
 * `newer` that of gateway 0.27.14 and of-watchdog 0.11.6: all its parts end an upload when an answer begins.
 */
export class OpenFaasPlatform {
  readonly #options: PlatformOptions
  readonly #functions = new Map<string, Deployed>()
  readonly #agent = new http.Agent({ keepAlive: true })
  readonly #server = http.createServer({ keepAliveTimeout: 0 }, (request, response) =>
    this.#serve(request, response),
  )

  constructor(options: PlatformOptions = {}) {
    this.#options = options
  }

  async listen(): Promise<string> {
    return `http://127.0.0.1:${await listen(this.#server)}`
  }

  deploy(name: string, port: number, watchdog?: WatchdogOptions): void {
    const marks = this.#options.newer === true
    this.#functions.set(name, {
      port,
      watchdog: watchdog === undefined ? null : new OfWatchdog(watchdog, marks),
    })
  }

  close(): void {
    this.#agent.destroy()
    shut(this.#server)
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    request.on('error', () => {})
    response.on('error', () => {})
    const [path = '/', query] = (request.url ?? '/').split(/\?(.*)/s)
    if (/\/\/|\/\.{1,2}(\/|$)/.test(path)) {
      const clean = new URL(path.replaceAll(/\/{2,}/g, '/'), 'http://x').pathname
      response.writeHead(301, { Location: clean, 'Content-Length': 0 }).end()
      return
    }
    if (path === '/healthz') {
      response.writeHead(200, { 'Content-Length': 0 }).end()
      return
    }
    const match = /^\/function\/([-a-zA-Z_0-9.]+)(\/.*)?$/s.exec(decodeURIComponent(path))
    if (match === null) {
      this.#error(response, 404, '404 page not found')
      return
    }
    const rest = encodeURI(match[2] ?? '/')
      .replaceAll('?', '%3F')
      .replaceAll('#', '%23')
    this.#invoke(request, response, match[1]!, query === undefined ? rest : `${rest}?${query}`)
  }

  #invoke(request: IncomingMessage, response: ServerResponse, name: string, target: string): void {
    const startTime = `${Date.now()}000000`
    response.setHeader('X-Start-Time', startTime)
    if (request.headers['x-call-id'] === undefined) response.setHeader('X-Call-Id', randomUUID())
    if (!METHODS.has(request.method!)) {
      response.writeHead(405, { 'Content-Length': 0 }).end()
      return
    }
    const deployed = this.#functions.get(name)
    if (deployed === undefined) {
      this.#error(response, 503, `No endpoints available for: ${name}.`, true)
      return
    }
    const { watchdog, port } = deployed
    if (watchdog !== null && !watchdog.enter(response)) return
    const startedAt = performance.now()
    const upstream = http.request({
      host: '127.0.0.1',
      port,
      method: request.method,
      path: target,
      headers: this.#forwarded(request, response, startTime),
      agent: this.#agent,
    })
    const streams = this.#options.newer === true ? streamOf(request.headers.accept) : 'no'
    let isAnswered = false
    const upstreamTimeout = setTimeout(() => {
      if (!isAnswered) this.#silence(response, streams === 'whole way' ? 200 : 502)
      upstream.destroy()
    }, this.#options.upstreamTimeoutMs ?? 60_000)
    const execTimeout = streams === 'no' ? watchdog?.limit(response, () => upstream.destroy()) : undefined
    response.on('close', () => {
      clearTimeout(upstreamTimeout)
      clearTimeout(execTimeout)
      watchdog?.leave()
      upstream.destroy()
    })
    upstream.on('error', () => {
      if (response.headersSent) response.destroy()
      else if (streams !== 'no') this.#silence(response, 200)
      else if (watchdog === null) this.#error(response, 500, `Can't reach service for: ${name}.`, true)
      else watchdog.lost(response, startedAt)
    })
    upstream.on('response', (answer) => {
      isAnswered = true
      clearTimeout(execTimeout)
      answer.on('error', () => {})
      afterUpload(request, upstream, () => {
        if (answer.errored !== null) response.destroy()
        else if (streams === 'no')
          this.#relay(request, response, answer, watchdog === null ? null : startedAt)
        else this.#stream(response, answer, streams)
      })
    })
    request.pipe(upstream)
  }

  /** Set only where they are missing; every body is sent on in chunks; gzip is asked for when nobody asked. */
  #forwarded(request: IncomingMessage, response: ServerResponse, startTime: string): string[] {
    const headers: string[] = ['Host', '127.0.0.1']
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      if (NOT_FORWARDED.has(request.rawHeaders[i]!.toLowerCase())) continue
      headers.push(request.rawHeaders[i]!, request.rawHeaders[i + 1]!)
    }
    const { socket } = request
    const had = request.headers
    if (had['transfer-encoding'] !== undefined || Number(had['content-length'] ?? 0) > 0) {
      headers.push('Transfer-Encoding', 'chunked')
    }
    if (had['x-call-id'] === undefined) headers.push('X-Call-Id', String(response.getHeader('x-call-id')))
    if (had['x-forwarded-for'] === undefined) {
      headers.push('X-Forwarded-For', `${socket.remoteAddress}:${socket.remotePort}`)
    }
    if (had['x-forwarded-host'] === undefined) headers.push('X-Forwarded-Host', had.host ?? '')
    if (had['accept-encoding'] === undefined) headers.push('Accept-Encoding', 'gzip')
    headers.push('X-Start-Time', startTime)
    return headers
  }

  #relay(
    request: IncomingMessage,
    response: ServerResponse,
    answer: IncomingMessage,
    startedAt: number | null,
  ): void {
    this.#passHead(response, answer)
    if (startedAt !== null) response.setHeader('X-Duration-Seconds', seconds(startedAt))
    const echoed = request.headers['content-type'] ?? 'text/plain'
    // The watchdog is a server of Go, which guesses the type of what it can see.
    copyLikeGo(answer, response, [startedAt === null ? echoed : 'text/plain; charset=utf-8', echoed])
  }

  /** Provider and watchdog have a way of their own for streams, on which they add nothing and errors say nothing. */
  #stream(response: ServerResponse, answer: IncomingMessage, streams: Streams): void {
    const fields = response.getHeaders()
    this.#passHead(response, answer)
    const lost = (): void => {
      for (const name of response.getHeaderNames()) if (!(name in fields)) response.removeHeader(name)
      this.#silence(response, 200)
    }
    if (streams === 'whole way') streamLikeGo(answer, response, lost)
    else copyLikeGo(answer, response, ['text/plain; charset=utf-8', null])
  }

  #passHead(response: ServerResponse, answer: IncomingMessage): void {
    for (let i = 0; i < answer.rawHeaders.length; i += 2) {
      const name = answer.rawHeaders[i]!
      if (/^(connection|transfer-encoding|date)$/i.test(name)) continue
      response.appendHeader(name, answer.rawHeaders[i + 1]!)
    }
    if (this.#options.newer === true) response.setHeader('X-Served-By', 'openfaas-ce/0.27.12')
    response.statusCode = answer.statusCode!
    response.on('close', () => answer.destroy())
  }

  #silence(response: ServerResponse, status: number): void {
    response.writeHead(status, { 'Content-Length': 0 }).end()
  }

  #error(response: ServerResponse, status: number, text: string, marked = false): void {
    if (marked && this.#options.newer === true) response.setHeader('X-OpenFaaS-Internal', 'proxy')
    goError(response, status, text)
  }
}

export const seconds = (startedAt: number) => ((performance.now() - startedAt) / 1000).toFixed(6)
