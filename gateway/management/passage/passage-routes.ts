import type { IncomingHttpHeaders } from 'node:http'
import { fastifyHttpProxy } from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Rejection } from '../../contract/rejection.ts'
import type { ManagementHost } from '../host.ts'
import type { Asker } from '../lifecycle-host.ts'
import { sendRejection } from '../send-problem.ts'
import { whileAsked } from '../while-asked.ts'
import { openPassage, type Passage } from './passage.ts'
import { passageRefusal } from './passage-refusal.ts'
import { PASSAGE, PassageSender } from './passage-sender.ts'
import { answeredFields } from './sent-fields.ts'

const URL = '/v1/backends/:backend/api'
/** The library's own idea of what sends requests. */
type Requestable = Extract<
  NonNullable<Parameters<typeof fastifyHttpProxy>[1]['undici']>,
  { request: unknown }
>
/** Slashes before the part of the target that is for the platform. */
const SLASHES = 5
/** Milliseconds for one request, its answer included. */
const LONGEST_MS = 60 * 60_000

/**
 * The native API of a platform, for its administrators, by @fastify/http-proxy: the gateway adds its own credential and
 * notes every request in the log. What that library would do besides, it is kept from: it sends a GET again after a
 * 503, follows its own reading of paths, and knows nothing of problem documents.
 */
export function addPassageRoutes(app: FastifyInstance, host: ManagementHost): void {
  const passages = new WeakMap<object, Passage>()
  app.register(async (scope) => {
    // Without this, bodies of text/plain and of JSON would be read and written anew.
    scope.removeAllContentTypeParsers()
    scope.addHook('preHandler', async (request, reply) => {
      const passage = await passageOf(host, request, reply)
      if (passage instanceof Rejection) return sendRejection(reply, passage)
      passages.set(request, passage)
      // Before it is over: then there is no socket any more.
      const asker = { address: request.socket.remoteAddress ?? '', requestId: request.id }
      // Not the hook for answers: that hears nothing of a client that leaves.
      reply.raw.once('close', () => audit(host, passage, asker, reply))
    })
    scope.register(fastifyHttpProxy, {
      prefix: URL,
      upstream: '',
      // Of the forms of `request` that the type has, the library calls the one that is there.
      undici: new PassageSender() as unknown as Requestable,
      disableCache: true,
      disableRequestLogging: true,
      internalRewriteLocationHeader: false,
      retryMethods: [],
      replyOptions: {
        // Where it really goes the Passage knows: this only has to be the address of something.
        getUpstream: () => 'http://passage.invalid',
        rewriteRequestHeaders: (request) => ({ [PASSAGE]: passages.get(request)! }) as IncomingHttpHeaders,
        rewriteHeaders: (headers, request) => answerFields(headers, passages.get(request!)!),
        onError: (reply, { error }) => void sendRejection(reply as FastifyReply, passageRefusal(error)),
      },
    })
  })
}

async function passageOf(
  { lifecycle }: ManagementHost,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Passage | Rejection> {
  const { backend } = request.params as { readonly backend: string }
  const api = lifecycle.api(backend)
  if (api instanceof Rejection) return api
  const signal = AbortSignal.any([whileAsked(reply), AbortSignal.timeout(LONGEST_MS)])
  try {
    return await openPassage(request, backend, api, restOf(request.raw.url!), signal)
  } catch (error) {
    return passageRefusal(error)
  }
}

/** As it was sent: what is decoded here could not be told from what was not encoded. */
function restOf(target: string): string {
  const mark = target.indexOf('?')
  const [path, query] = mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark)]
  const rest = path.split('/').slice(SLASHES).join('/')
  return `/${rest}${query}`
}

function answerFields(
  headers: Parameters<typeof answeredFields>[0],
  { backend, api }: Passage,
): Record<string, string | string[]> {
  const fields = answeredFields(headers)
  const { location } = fields
  if (typeof location === 'string') {
    const path = location.startsWith(`${api.origin}/`) ? location.slice(api.origin.length) : location
    const isBelow = path.startsWith(`${api.base}/`) && !path.startsWith('//')
    if (isBelow)
      fields['location'] = `/v1/backends/${encodeURIComponent(backend)}/api${path.slice(api.base.length)}`
  }
  // A page of the platform must not act in the name of the management port.
  return { ...fields, 'content-security-policy': 'sandbox' }
}

/** Without the query, which may hold what is secret. */
function audit({ log }: ManagementHost, passage: Passage, asker: Asker, reply: FastifyReply): void {
  const fields = {
    audit: 'passage',
    backend: passage.backend,
    method: passage.method,
    path: passage.below,
    status: reply.statusCode,
    cut: !reply.raw.writableFinished,
    ...asker,
    tookMs: Math.round(reply.elapsedTime),
  }
  log.info(fields, 'an operator asked the API of a platform')
}
