import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../contract/plugin.ts'
import type { GatewayStatus } from '../observe/gateway-status.ts'

/** What the management API needs of the gateway. The main thread gives it. */
export interface ManagementHost {
  readonly log: Log
  readiness(): Readiness
  status(): GatewayStatus
  metrics(): Promise<MetricsPage>
  /** Reads the configuration again. A configuration that is refused changes nothing. */
  reload(): Promise<ReloadResult>
  /**
   * Answers a call of a Function by its name, for operators. The request is authenticated already, its body not read,
   * the reply hijacked: the answer goes to `reply.raw`. Its `authorization` is the management token, which must not go
   * any further.
   *
   * @param path Rest of the target for the Function, as sent, with its query; begins with a slash.
   */
  invoke(
    request: FastifyRequest,
    reply: FastifyReply,
    organization: string,
    functionName: string,
    path: string,
  ): void
}

/** May a balancer send calls? */
export interface Readiness {
  /** True when at least one thread serves a configuration and the gateway does not drain. */
  readonly ready: boolean
  /** Why it is not, one sentence each; empty when it is. */
  readonly reasons: readonly string[]
}

export interface MetricsPage {
  readonly contentType: string
  readonly text: string
}

export type ReloadResult =
  | { readonly taken: true; readonly generation: number }
  /** One sentence for each mistake, with file and line. */
  | { readonly taken: false; readonly mistakes: readonly string[] }
