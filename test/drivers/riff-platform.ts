import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { listen, shut } from '../loopback.ts'
import { bodyOf } from './body-of.ts'
import { goError } from './go-errors.ts'

export interface RiffOptions {
  /** Milliseconds that the gateway waits for a reply; 60 s in the real one. */
  readonly timeoutMs?: number
  /** `RIFF_HTTP_HEADERS_WHITELIST`. */
  readonly headers?: readonly string[]
}

/** What the Kafka client in gateway and sidecar takes for a message; the little that headers need is not counted here. */
const MESSAGE_BYTES = 1_000_000

interface Reply {
  readonly payload: Buffer
  readonly contentType: string | null
  readonly isError: boolean
}

/**
 * The HTTP gateway of riff 0.0.7 with its sidecars, without Kafka between them, with the manners that were recorded of
 * both with it: everything is taken for a message, functions are called with POST `/`, and only body and type come back.
 */
export class RiffPlatform {
  readonly #options: RiffOptions
  readonly #functions = new Map<string, number>()
  readonly #agent = new http.Agent({ keepAlive: true })
  readonly #server = http.createServer((request, response) => void this.#serve(request, response))

  constructor(options: RiffOptions = {}) {
    this.#options = options
  }

  async listen(): Promise<string> {
    return `http://127.0.0.1:${await listen(this.#server)}`
  }

  deploy(topic: string, port: number): void {
    this.#functions.set(topic, port)
  }

  close(): void {
    this.#agent.destroy()
    shut(this.#server)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => {})
    response.on('error', () => {})
    const path = request.url!.replace(/\?.*/s, '')
    const clean = /^\/(requests|messages)$/.test(path) ? `${path}/` : path.replaceAll(/\/{2,}/g, '/')
    if (clean !== path) return void response.writeHead(301, { Location: clean, 'Content-Length': 0 }).end()
    if (path === '/application/status') return respond(response, 200, '{"status":"UP"}')
    const [, exchange, escaped = ''] = /^\/(requests|messages)\/(.*)$/s.exec(path) ?? []
    if (exchange === undefined) return goError(response, 404, '404 page not found')
    const topic = decodeURIComponent(escaped)
    const port = this.#functions.get(topic)
    if (port === undefined) return goError(response, 404, `could not find Riff topic '${topic}'`)
    const body = await bodyOf(request)
    if (body === null) return
    if (exchange === 'messages') {
      this.#call(request, body, port, () => {})
      return respond(response, 200, `Message published to topic: ${topic}\n`)
    }
    const timer = setTimeout(
      () => response.writeHead(504, { 'Content-Length': 0 }).end(),
      this.#options.timeoutMs ?? 60_000,
    )
    response.on('close', () => clearTimeout(timer))
    this.#call(request, body, port, (reply) => {
      clearTimeout(timer)
      if (!response.headersSent) answer(response, reply)
    })
  }

  /** The sidecar. A function that fails it gives no reply at all, and large messages do not get there or back. */
  #call(request: IncomingMessage, body: Buffer, port: number, replied: (reply: Reply) => void): void {
    if (body.length > MESSAGE_BYTES) return
    const headers: Record<string, string> = {}
    for (const name of ['content-type', 'accept', ...(this.#options.headers ?? [])]) {
      const value = request.headers[name]
      if (typeof value === 'string') headers[name] = value
    }
    const target = { host: '127.0.0.1', port, method: 'POST', path: '/' }
    const call = http.request({ ...target, headers, agent: this.#agent })
    call.on('error', () => {})
    call.on('response', async (answer) => {
      answer.on('error', () => {})
      const payload = await bodyOf(answer)
      if (payload === null || payload.length > MESSAGE_BYTES) return
      const contentType = answer.headers['content-type'] ?? null
      replied({ payload, contentType, isError: answer.headers['x-riff-error'] !== undefined })
    })
    call.end(body)
  }
}

/** The type of an error is written too late and lost. */
function answer(response: ServerResponse, { payload, contentType, isError }: Reply): void {
  const sniffed = payload.includes('<html') ? 'text/html' : 'text/plain'
  const type = isError || contentType === null ? `${sniffed}; charset=utf-8` : contentType
  if (payload.length > 0) response.setHeader('Content-Type', type)
  response.writeHead(isError ? 500 : 200, { 'Content-Length': payload.length }).end(payload)
}

function respond(response: ServerResponse, status: number, text: string): void {
  response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  response.writeHead(status, { 'Content-Length': Buffer.byteLength(text) }).end(text)
}
