import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ManagementHost } from './host.ts'

const URL = '/v1/organizations/:organization/functions/:function/invoke'
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
/** Slashes before the part of the target that is for the function. */
const SLASHES = 7

/** Calls of a Function by its name, for operators. Bodies are passed on unread, whatever they are. */
export function addInvokeRoutes(app: FastifyInstance, host: ManagementHost): void {
  app.register(async (scope) => {
    // Before Fastify looks at the content type: that is for the function to judge.
    scope.addHook('onRequest', async (request, reply) => {
      reply.hijack()
      invoke(host, request, reply)
    })
    for (const url of [URL, `${URL}/*`]) scope.route({ method: METHODS, url, handler: () => {} })
  })
}

function invoke(host: ManagementHost, request: FastifyRequest, reply: FastifyReply): void {
  const { organization, function: functionName } = request.params as Record<
    'organization' | 'function',
    string
  >
  try {
    host.invoke(request, reply, organization, functionName, restOf(request))
  } catch (error) {
    host.log.error({ id: request.id, err: error }, 'a function could not be invoked for an operator')
    reply.raw.destroy()
  }
}

/** As it was sent: what is decoded here could not be told from what was not encoded. */
function restOf(request: FastifyRequest): string {
  const target = request.raw.url!
  const query = target.indexOf('?')
  const path = query < 0 ? target : target.slice(0, query)
  const rest = `/${path.split('/').slice(SLASHES).join('/')}`
  return query < 0 ? rest : rest + target.slice(query)
}
