import type { ClientRequestArgs, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { fastifyHttpProxy } from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { WebSocketServer } from 'ws'
import type { WebSocketRelay } from './web-socket-relay.ts'

/** Path of the proxy's own route. Clients never see it: their targets are hidden from Fastify's router. */
export const UPGRADE_PATH = '/upgrade'

/** Field of the proxy's own handshake, which goes nowhere, that names its path: of that, `createConnection` is not told. */
const OPENING = 'opening'

/** Who was sent a close frame has so long to close; then the connection is cut. */
const CLOSE_TIMEOUT_MS = 5000

/** The part of the proxy that its types leave out. */
interface ProxyReply extends FastifyReply {
  readonly wsProxy: {
    readonly wss: WebSocketServer
    handleUpgrade(request: FastifyRequest, target: string, done: () => void): void
  }
}

interface Opening {
  /** Path of the proxy's own handshake. */
  readonly path: string
  readonly relay: WebSocketRelay
  /** Lines of the answer to the client. */
  readonly lines: readonly string[]
}

/**
 * Relays WebSockets by @fastify/http-proxy. By itself that answers 101 before it asks the function, with the first
 * subprotocol that the client offers. Here the function has agreed before: the proxy gets the open connection, under a
 * path that is unique, and the answer is what the function said.
 */
export class WebSocketBridge {
  /** By the path of the proxy's own handshake. */
  readonly #byPath = new Map<string, Opening>()
  readonly #byRequest = new WeakMap<IncomingMessage, Opening>()
  #opened = 0
  #listens = false

  /** @param messageBytes Largest message. */
  constructor(app: FastifyInstance, messageBytes: number) {
    const common = {
      maxPayload: messageBytes,
      // A few bytes can be a message of any size, and each connection would keep a dictionary.
      perMessageDeflate: false,
      // They go through: an answer of our own would be a second one.
      autoPong: false,
      closeTimeout: CLOSE_TIMEOUT_MS,
    }
    // Its types leave out the first.
    const wsClientOptions = {
      ...common,
      rewriteRequestHeaders: (_headers: object, request: FastifyRequest) => ({
        [OPENING]: this.#byRequest.get(request.raw)!.path,
      }),
      createConnection: (request: unknown) => this.#connectionFor(request as ClientRequestArgs),
    }
    void app.register(fastifyHttpProxy, {
      upstream: 'http://placed.invalid',
      routes: [UPGRADE_PATH],
      httpMethods: ['GET'],
      websocket: true,
      wsServerOptions: {
        ...common,
        handleProtocols: (_offered: Set<string>, request: IncomingMessage) =>
          this.#byRequest.get(request)?.relay.protocol ?? false,
      },
      wsClientOptions,
      wsHooks: {
        onConnect: (_context, source, target) => {
          const path = new URL(target.url).pathname
          const opening = this.#byPath.get(path)
          this.#byPath.delete(path)
          opening?.relay.connect(source, target)
        },
      },
    })
  }

  /**
   * Answers the client and begins to relay.
   *
   * @param headers Further fields of the answer, valid, name and value in turn.
   */
  open(
    relay: WebSocketRelay,
    request: FastifyRequest,
    reply: FastifyReply,
    headers: readonly string[],
  ): void {
    const { wsProxy } = reply as ProxyReply
    this.#listen(wsProxy.wss)
    const path = `/${++this.#opened}`
    const lines: string[] = []
    for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`)
    const opening = { path, relay, lines }
    this.#byPath.set(path, opening)
    request.raw.socket.once('close', () => this.#byPath.delete(path))
    this.#byRequest.set(request.raw, opening)
    wsProxy.handleUpgrade(request, path, nothing)
  }

  #listen(server: WebSocketServer): void {
    if (this.#listens) return
    this.#listens = true
    server.on('headers', (lines, request) => {
      lines.push(...(this.#byRequest.get(request)?.lines ?? []))
    })
  }

  /** `ws` asks no more of it than any Duplex can do. */
  #connectionFor({ headers }: ClientRequestArgs): Socket {
    const { [OPENING]: path, 'Sec-WebSocket-Key': key } = headers as Record<string, string>
    return this.#byPath.get(path!)!.relay.agree(key!) as unknown as Socket
  }
}

function nothing(): void {}
