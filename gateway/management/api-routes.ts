import type { FastifyInstance } from 'fastify'
import type { ManagementHost } from './host.ts'
import { addLifecycleRoutes } from './lifecycle-routes.ts'
import { sendMistakes, sendProblem } from './send-problem.ts'

/** Only JSON, as it is: nothing is inflated, so a small body cannot become a large one. */
export function addApiRoutes(app: FastifyInstance, host: ManagementHost): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'string' },
      scope.getDefaultJsonParser('error', 'error'),
    )
    scope.addHook('onRequest', async (request, reply) => {
      if (request.headers['content-encoding'] !== undefined)
        return sendProblem(reply, 'GW_UNSUPPORTED_MEDIA_TYPE')
    })
    scope.get('/v1/status', async () => {
      const status = host.status()
      return { ...status, uptimeMs: Date.now() - status.startedAt }
    })
    scope.post('/v1/reload', { schema: { body: NOTHING } }, async (_request, reply) => {
      const result = await host.reload()
      return result.taken ? result : sendMistakes(reply, result.mistakes)
    })
    addLifecycleRoutes(scope, host)
  })
}

/** An absent body or an object without members. */
const NOTHING = { type: ['object', 'null'], additionalProperties: false }
