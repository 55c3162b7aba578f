import type { FastifyInstance } from 'fastify'
import type { ManagementHost } from './host.ts'

/** What balancers, orchestrators and Prometheus ask, without a token. Says nothing but that. */
export function addOpenRoutes(app: FastifyInstance, host: ManagementHost): void {
  app.get('/metrics', async (_request, reply) => {
    const { contentType, text } = await host.metrics()
    return reply.header('content-type', contentType).send(text)
  })
  app.get('/healthz', async () => ({ alive: true }))
  app.get('/readyz', async (_request, reply) => {
    const { ready, reasons } = host.readiness()
    return reply.code(ready ? 200 : 503).send({ ready, reasons })
  })
}
