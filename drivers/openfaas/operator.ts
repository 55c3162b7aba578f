import { Agent, request } from 'undici'
import type { Operator, OperatorHost, ProbeResult } from '../../gateway/contract/driver.ts'
import type { ConnectionOptions } from '../support/connection-options.ts'

/** Milliseconds until a platform that does not answer counts as away. */
const PROBE_TIMEOUT_MS = 3000

/** Functions are deployed by others for now; what is looked after is whether the gateway of the platform is there. */
export class OpenFaasOperator implements Operator {
  readonly #health: string
  readonly #agent: Agent

  constructor(url: URL, options: ConnectionOptions, _host: OperatorHost) {
    this.#health = `${url.origin}${url.pathname.replace(/\/$/, '')}/healthz`
    this.#agent = new Agent({
      connections: 1,
      // A connection per probe: one that is kept would tell of the past.
      pipelining: 0,
      connect: {
        timeout: Math.min(options.connectTimeout, PROBE_TIMEOUT_MS),
        ca: options.ca ?? undefined,
        cert: options.certificate ?? undefined,
        key: options.key ?? undefined,
      },
    })
  }

  async open(): Promise<void> {}

  async probe(): Promise<ProbeResult> {
    try {
      const answer = await request(this.#health, {
        dispatcher: this.#agent,
        signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
      })
      await answer.body.dump()
      const ready = answer.statusCode === 200
      return { ready, detail: ready ? 'healthy' : `GET /healthz answers ${answer.statusCode}` }
    } catch (error) {
      const { name, code } = error as { name?: string; code?: string }
      const reason = name === 'TimeoutError' ? `no answer within ${PROBE_TIMEOUT_MS} ms` : (code ?? name)
      return { ready: false, detail: `GET /healthz failed: ${reason}` }
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }
}
