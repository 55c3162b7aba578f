import { Agent, request } from 'undici'
import { verifiedTls } from '../../gateway/contract/certificates.ts'
import type { ProbeResult } from '../../gateway/contract/driver.ts'
import type { ConnectionOptions } from './connection-options.ts'

/** Milliseconds that a platform has for an answer when nobody says how long. */
const TIMEOUT_MS = 5000

export interface HealthProbeOptions {
  readonly origin: string
  /** Begins with a slash. */
  readonly path: string
  readonly headers: Record<string, string>
  /** Whether an answer with this status is good. */
  readonly isReady: (status: number) => boolean
  readonly connection: ConnectionOptions
}

/** Asks a server by GET how it is, each time on a connection of its own: one that is kept would tell of the past. */
export class HealthProbe {
  readonly #options: HealthProbeOptions
  readonly #agent: Agent

  constructor(options: HealthProbeOptions) {
    this.#options = options
    this.#agent = probeAgent(options.connection)
  }

  async probe(signal: AbortSignal = AbortSignal.timeout(TIMEOUT_MS)): Promise<ProbeResult> {
    const { origin, path, headers, isReady } = this.#options
    // A query may hold what is not to be shown.
    const shown = path.replace(/\?.*/s, '')
    try {
      const answer = await request(origin + path, { dispatcher: this.#agent, headers, signal })
      await answer.body.dump()
      const ready = isReady(answer.statusCode)
      return { ready, detail: ready ? 'healthy' : `GET ${shown} answers ${answer.statusCode}` }
    } catch (error) {
      return { ready: false, detail: `GET ${shown} failed: ${reasonOf(error)}` }
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy()
  }
}

/** Opens connections to a platform for what the control plane asks, and keeps none. */
export function probeAgent(options: ConnectionOptions): Agent {
  return new Agent({
    connections: 1,
    pipelining: 0,
    maxResponseSize: MOST_BYTES,
    connect: { timeout: options.connectTimeout, ...verifiedTls(options) },
  })
}

const MOST_BYTES = 8 * 1024 * 1024

/** One word on a request that failed, without what the other side sent. */
export function reasonOf(error: unknown): string {
  const { name, code } = error as { name?: string; code?: unknown }
  if (name === 'TimeoutError' || name === 'AbortError') return 'no answer in time'
  return typeof code === 'string' ? code : (name ?? 'Error')
}
