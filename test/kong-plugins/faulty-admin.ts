import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What may happen to a request to the Admin API instead of its answer. */
export type Fault =
  /** The connection is cut; Kong never sees the request. */
  | { readonly kind: 'cut-before' }
  /** Kong does what it was asked for, and the connection is cut before the answer. */
  | { readonly kind: 'cut-after' }
  /** Kong never sees it; this is the answer. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string; readonly body?: string }
  /** Kong never sees it, and nobody answers. */
  | { readonly kind: 'hang' }
  /** Kong does it at once, and the answer comes later. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** As if Kong was stopped at that moment: before it did what it was asked for, or right after. */
  | { readonly kind: 'kill'; readonly effect: boolean }

export interface SeenRequest {
  readonly method: string
  /** Path with query. */
  readonly path: string
  /** How many writes were begun with this one; 0 for what writes nothing. */
  readonly write: number
  /** Status of the answer; 0 when there was none. */
  status: number
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Stands before the Admin API of a Kong, real or not: counts what goes through and breaks what a test wants broken. */
export class FaultyAdmin {
  readonly #kong: URL
  readonly #server: http.Server
  readonly #sockets = new Set<Socket>()
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
  #port = 0
  /** Every request since the last {@link reset}. */
  readonly seen: SeenRequest[] = []
  /** What happens to a request, at once or when the promise is kept; null is nothing out of the ordinary. */
  fault: (request: SeenRequest) => Fault | null | Promise<Fault | null> = () => null

  private constructor(kongUrl: string) {
    this.#kong = new URL(kongUrl)
    this.#server = http.createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy())
    })
    this.#server.keepAliveTimeout = 75_000
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  static async open(kongUrl: string): Promise<FaultyAdmin> {
    const admin = new FaultyAdmin(kongUrl)
    await admin.up()
    return admin
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Writes that were begun since the last {@link reset}. */
  get writes(): number {
    return this.seen.filter(({ write }) => write > 0).length
  }

  /** Writes and reads that were begun are forgotten; the fault stays. */
  reset(): void {
    this.seen.length = 0
  }

  /** Nobody listens, and connections are cut. */
  down(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Listens, at the address it had before. */
  async up(): Promise<void> {
    if (this.#server.listening) return
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  close(): void {
    this.down()
    this.#agent.destroy()
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const seen = this.#see(request.method!, request.url!)
    const fault = await this.fault(seen)
    switch (fault?.kind) {
      case 'hang':
        return
      case 'cut-before':
        response.destroy()
        return
      case 'status':
        seen.status = fault.status
        if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter)
        response.setHeader('content-type', 'application/json; charset=utf-8')
        response.statusCode = fault.status
        response.end(fault.body ?? '{"message":"An unexpected error occurred"}')
        return
      case 'kill':
        if (!fault.effect) return this.down()
    }
    const answer = await this.#forward(request, Buffer.concat(chunks))
    if (fault?.kind === 'kill') return this.down()
    if (fault?.kind === 'cut-after') {
      response.destroy()
      return
    }
    seen.status = answer.status
    const send = () => response.writeHead(answer.status, answer.headers).end(answer.body)
    if (fault?.kind === 'slow') setTimeout(send, fault.delayMs)
    else send()
  }

  #see(method: string, path: string): SeenRequest {
    const writes = !READS.has(method) && !path.includes('/validate')
    const seen = { method, path, write: writes ? this.writes + 1 : 0, status: 0 }
    this.seen.push(seen)
    return seen
  }

  #forward(request: http.IncomingMessage, body: Buffer): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    const base = this.#kong.pathname.replace(/\/$/, '')
    const onward = http.request(
      {
        agent: this.#agent,
        host: this.#kong.hostname,
        port: this.#kong.port,
        method: request.method,
        path: base + request.url,
        headers: {
          ...withoutHopByHop(request.headers),
          host: this.#kong.host,
          'content-length': body.length,
        },
      },
      async (answer) => {
        const chunks: Buffer[] = []
        for await (const chunk of answer) chunks.push(chunk as Buffer)
        resolve({
          status: answer.statusCode!,
          headers: withoutHopByHop(answer.headers),
          body: Buffer.concat(chunks),
        })
      },
    )
    onward.once('error', reject)
    onward.end(body)
    return promise
  }
}

interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

function withoutHopByHop({
  connection: _,
  'transfer-encoding': __,
  'keep-alive': ___,
  ...headers
}: http.IncomingHttpHeaders): http.IncomingHttpHeaders {
  return headers
}
