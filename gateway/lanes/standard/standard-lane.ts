import type { EventEmitter } from 'node:events'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Server as SecureServer } from 'node:https'
import { Server as NetServer, type Socket } from 'node:net'
import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import type { SecureContextOptions } from 'node:tls'
import Fastify, { type FastifyInstance } from 'fastify'
import type { ErrorCode } from '../../contract/errors.ts'
import type { Exchange } from '../../contract/lane.ts'
import type { Lane, TlsMaterial } from '../lane.ts'
import { ClientCertificates } from './client-certificates.ts'
import { ClientConnections } from './client-connections.ts'
import { type ClientFault, faultCode, rawAnswer } from './client-fault.ts'
import { connectionState } from './connection-state.ts'
import { isRtsp } from './is-rtsp.ts'
import { StandardExchange } from './standard-exchange.ts'
import { asksForWebSocket } from './web-socket/asks-for-web-socket.ts'
import { UpgradeExchange } from './web-socket/upgrade-exchange.ts'
import { UPGRADE_PATH, WebSocketBridge } from './web-socket/web-socket-bridge.ts'

export interface StandardLaneOptions {
  /** Serves TLS when given. */
  readonly tls: TlsMaterial | null
  /** Until the head of a request is complete. */
  readonly headTimeoutMs: number
  /** What the parser takes at most; far above the limits of the pipeline, which say exactly what was too long. */
  readonly parserHeadBytes: number
  /** Idle connections are kept this long. Kong keeps its side for 60 s: stay above that. */
  readonly keepAliveMs: number
  /** Largest message of a WebSocket. */
  readonly messageBytes: number
  /** Whether a request for a WebSocket, as sent, may become one; it is served as if it had not asked otherwise. */
  readonly mayUpgrade: (target: string, rawHeaders: readonly string[]) => boolean
  readonly handle: (exchange: Exchange) => void
  /** Counts connections and faults. */
  readonly observe: LaneObserver
}

export interface LaneObserver {
  /** Says no when there are enough connections: the new one is then closed at once. */
  connectionOpened(): boolean
  connectionClosed(): void
  fault(code: ErrorCode): void
}

/** A way in that takes everything HTTP/1 allows, as Node's parser judges it, on Fastify. */
export interface StandardLane extends Lane {
  /**
   * From now on new connections, within TLS if there is, go to `take` instead of Node's parser.
   *
   * @returns Gives one of them to that parser, for the rest of its life.
   */
  intercept(take: (socket: Socket) => void): (socket: Socket) => void
}

export function createStandardLane(options: StandardLaneOptions): StandardLane {
  const app = createApp(options)
  const server = app.server as Server | SecureServer
  const connections = new ClientConnections()
  // With TLS requests arrive on a socket of their own, made after the handshake.
  const arrival = options.tls === null ? 'connection' : 'secureConnection'
  const parse = parserOf(server, arrival)
  const certificates = new ClientCertificates(server, options.tls?.clients ?? null)
  server.maxHeadersCount = 0
  // Node leaves the socket of a CONNECT to us, its errors included.
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    socket.on('error', nothing)
    if (!connectionState(socket).ended) fault(options, socket, 'GW_METHOD_UNKNOWN')
  })
  server.on('connection', (socket: Socket) => {
    if (!options.observe.connectionOpened()) {
      socket.destroy()
      return
    }
    connections.accepted(socket, () => options.observe.connectionClosed())
  })
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    expecting.add(request)
    server.emit('request', request, response)
  })
  // Any other expectation is refused where all heads are read.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response)
  })
  const ready = (socket: Socket) => connections.ready(socket)
  server.on(arrival, ready)
  // Node gives up a handshake that takes too long, but leaves the connection open.
  server.on('tlsClientError', (_error: Error, socket: Socket) => {
    socket.destroy()
  })
  let started: Promise<unknown> | null = null

  return {
    async listen({ host, port, reusePort }) {
      started ??= Promise.resolve(app.ready())
      await started
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ host, port, reusePort, backlog: 1024 }, () => {
          server.off('error', reject)
          resolve()
        })
      })
      return (server.address() as { port: number }).port
    },

    async stopAccepting() {
      // Connections that the system has taken on for us would be reset with the listening socket: accept them first.
      await turnOfTheLoop()
      await turnOfTheLoop()
      // Not the close() of HTTP servers, which cuts idle connections, on which a request may be arriving.
      NetServer.prototype.close.call(server)
    },

    intercept(take) {
      server.off(arrival, parse)
      server.off(arrival, ready)
      server.on(arrival, (socket: Socket) => {
        if (!socket.destroyed) take(socket)
      })
      return (socket) => {
        ready(socket)
        parse.call(server, socket)
      }
    },

    useCertificate(tls) {
      if (!('setSecureContext' in server)) return
      server.setSecureContext(contextOf(tls))
      certificates.use(tls.clients)
    },

    get open() {
      return connections.open
    },

    endQuiet: (quietMs) => connections.endQuiet(quietMs, performance.now()),

    destroy() {
      server.close()
      connections.destroy()
    },
  }
}

/** Requests whose client waits for `100 Continue`. */
const expecting = new WeakSet<IncomingMessage>()
/** Requests that may become a WebSocket; Node's parser has let go of their connections. */
const upgrading = new WeakSet<IncomingMessage>()

function nothing(): void {}

/** What Node's server does with a new connection: the only listener that it has as it comes. */
function parserOf(server: EventEmitter, arrival: string): (this: EventEmitter, socket: Socket) => void {
  const listeners = server.listeners(arrival)
  if (listeners.length !== 1) throw new Error(`the server has ${listeners.length} listeners of ${arrival}`)
  return listeners[0] as (socket: Socket) => void
}

/** Where Fastify keeps the target that we hide from its router. */
interface Rewritten {
  readonly originalUrl?: string
}

function createApp(options: StandardLaneOptions): FastifyInstance {
  const app = Fastify({
    ...(options.tls !== null && {
      https: {
        ...contextOf(options.tls),
        requestCert: options.tls.clients !== null,
        rejectUnauthorized: options.tls.clients !== null,
        handshakeTimeout: options.headTimeoutMs,
        ...httpOptions(options),
      },
    }),
    ...(options.tls === null && { http: httpOptions(options) }),
    logger: false,
    exposeHeadRoutes: false,
    keepAliveTimeout: options.keepAliveMs,
    requestTimeout: 0,
    connectionTimeout: 0,
    return503OnClosing: false,
    forceCloseConnections: false,
    genReqId: () => '',
    rewriteUrl: (request: IncomingMessage) => (upgrading.has(request) ? UPGRADE_PATH : '/'),
    clientErrorHandler: (error: ClientFault, socket: Socket) => fault(options, socket, faultCode(error)),
    // Fastify has a type for each kind of server, and which one it is shows only here.
  } as object) as unknown as FastifyInstance
  const bridge = new WebSocketBridge(app, options.messageBytes)
  // The exchange leaves Fastify in its first hook, before a parser could touch the body; `done` is never called, and
  // so the handlers below are never reached.
  app.addHook('onRequest', (request, reply, _done) => {
    reply.hijack()
    const { raw } = request
    const connection = connectionState(raw.socket)
    if (connection.ended) return
    if (connection.full) {
      raw.socket.pause()
      fault(options, raw.socket, 'GW_RATE_LIMITED')
      return
    }
    // The parser also reads HTTP/0.9 and HTTP/2.0, and the line of a request without a version.
    const target = (raw as Rewritten).originalUrl ?? raw.url ?? ''
    if (raw.httpVersionMajor !== 1 || (raw.httpVersionMinor === 0 && isRtsp(raw, target))) {
      fault(options, raw.socket, 'GW_VERSION_NOT_SUPPORTED')
      return
    }
    options.handle(
      upgrading.has(raw)
        ? new UpgradeExchange(request, reply, target, bridge)
        : new StandardExchange(raw, reply.raw, target, expecting.has(raw)),
    )
  })
  app.removeAllContentTypeParsers()
  app.route({ method: [...app.supportedMethods], url: '/', handler: nothing })
  app.setNotFoundHandler(nothing)
  return app
}

function contextOf({ certificate, key, clients }: TlsMaterial): SecureContextOptions {
  return { cert: certificate, key, ...(clients !== null && { ca: clients.ca }) }
}

function httpOptions(options: StandardLaneOptions): object {
  return {
    maxHeaderSize: options.parserHeadBytes,
    headersTimeout: options.headTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, options.headTimeoutMs),
    requireHostHeader: false,
    insecureHTTPParser: false,
    noDelay: true,
    // A request without a body is then no stream that somebody has to read to its end.
    optimizeEmptyRequests: true,
    shouldUpgradeCallback: (request: IncomingMessage) => {
      const may = asksForWebSocket(request) && options.mayUpgrade(request.url ?? '', request.rawHeaders)
      if (may) upgrading.add(request)
      return may
    },
  }
}

function fault(options: StandardLaneOptions, socket: Socket, code: ErrorCode): void {
  options.observe.fault(code)
  connectionState(socket).broken(rawAnswer(code))
}
