import type { TestContext } from 'node:test'
import { accepts } from './accepts.ts'
import { type ChildGateway, startChildGateway } from './child-gateway.ts'
import { type RawBackend, startRawBackend } from './raw-backend.ts'

export const REQUEST = 'GET /any HTTP/1.1\r\nHost: own.test\r\n\r\n'

export function configFor(url: string, settings: Record<string, unknown>): Record<string, unknown> {
  return {
    gateway: settings,
    backends: { raw: { driver: 'http', url } },
    functions: { fn: { deployments: ['raw'], timeout: '30s' } },
    routes: [{ path: '/*', function: 'fn', auth: 'none' }],
  }
}

export async function startDraining(
  t: TestContext,
  settings: Record<string, unknown>,
): Promise<{ readonly gateway: ChildGateway; readonly backend: RawBackend }> {
  const backend = await startRawBackend(t)
  return { backend, gateway: await startChildGateway(t, configFor(backend.url, { threads: 2, ...settings })) }
}

/** Whether nobody accepts connections there. */
export async function isRefused(port: number): Promise<boolean> {
  return !(await accepts(port))
}
