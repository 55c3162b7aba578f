import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { isRequestId, newRequestId } from '../invocation/request-id.ts'
import { answerError, answerNotFound } from './answer-error.ts'
import { addApiRoutes } from './api-routes.ts'
import { createGuard } from './guard.ts'
import type { ManagementHost } from './host.ts'
import { addInvokeRoutes } from './invoke-routes.ts'
import { addOpenRoutes } from './open-routes.ts'
import { addPassageRoutes } from './passage/passage-routes.ts'
import { addPlacementRoutes } from './placement-routes.ts'
import { sendRejection } from './send-problem.ts'
import { endAskedOnClose } from './while-asked.ts'

const MOST_BODY_BYTES = 64 * 1024
const MOST_CONNECTIONS = 256
const HEAD_TIMEOUT_MS = 10_000
/** Longer than any target that the parser takes, so that the rest of a function's path is not judged. */
const LONGEST_PARAMETER = 64 * 1024

export interface ManagementOptions {
  readonly address: { readonly host: string; readonly port: number }
  /** Bearer token that `/v1/*` asks for. */
  readonly token: string
  /** Names that clients may call the port by, besides localhost and IP addresses: `gateway.hosts`. */
  readonly names: readonly string[]
}

/** The management port, open. */
export interface Management {
  /** The port that it got, when 0 was asked for. */
  readonly port: number
  /** Answers running requests, then closes. */
  close(): Promise<void>
}

/**
 * Opens the management port: `/metrics`, `/healthz`, `/readyz` for everybody who reaches it, `/v1/*` for the holder of
 * the token. There is no CORS: browsers have no business here.
 *
 * @throws Error When it cannot listen there.
 */
export async function openManagement(host: ManagementHost, options: ManagementOptions): Promise<Management> {
  const app = createManagement(host, options)
  // Fastify adds a member to what it is given, and configuration is frozen.
  await app.listen({ ...options.address })
  const { port } = app.server.address() as AddressInfo
  return { port, close: () => app.close() }
}

function createManagement(
  host: ManagementHost,
  { token, names, address }: ManagementOptions,
): FastifyInstance {
  const app = Fastify({
    bodyLimit: MOST_BODY_BYTES,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    http: { headersTimeout: HEAD_TIMEOUT_MS },
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    // Without these, unknown members of a body would be dropped in silence and texts taken for numbers.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
    genReqId: ({ headers }) => {
      const given = headers['x-request-id']
      return typeof given === 'string' && isRequestId(given) ? given : newRequestId()
    },
    frameworkErrors: (error, request, reply) => answerError(host.log, error, request, reply),
    clientErrorHandler: (_error, socket) => {
      if (socket.writable)
        socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
      else socket.destroy()
    },
  })
  app.server.maxConnections = MOST_CONNECTIONS
  const guard = createGuard(token, [...names, address.host])
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-request-id': request.id,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    const refusal = guard(request)
    if (refusal !== null) return sendRejection(reply, refusal)
  })
  app.setErrorHandler<FastifyError>((error, request, reply) => answerError(host.log, error, request, reply))
  app.setNotFoundHandler((request, reply) => answerNotFound(request, reply))
  endAskedOnClose(app)
  addOpenRoutes(app, host)
  addApiRoutes(app, host)
  addPlacementRoutes(app, host)
  addInvokeRoutes(app, host)
  addPassageRoutes(app, host)
  return app
}
