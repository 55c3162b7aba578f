import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../contract/plugin.ts'
import type { Rejection } from '../contract/rejection.ts'
import type { GatewayStatus } from '../observe/gateway-status.ts'
import type { PlacementExplanation } from '../placement/explanation.ts'
import type { Hint } from '../placement/hint.ts'
import type { LifecycleHost } from './lifecycle-host.ts'

/** What the management API needs of the gateway. The main thread gives it. */
export interface ManagementHost {
  readonly log: Log
  readiness(): Readiness
  status(): GatewayStatus
  metrics(): Promise<MetricsPage>
  /** Reads the configuration again. A configuration that is refused changes nothing. */
  reload(): Promise<ReloadResult>
  /** The functions on the platforms. */
  readonly lifecycle: LifecycleHost
  /** Where a call of a Function would go now, and why. A Rejection when there is no such Function. */
  explain(organization: string, functionName: string, call: ExplainedCall): PlacementAnswer | Rejection
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

/** A call that nobody makes. */
export interface ExplainedCall {
  readonly hint: Hint | null
  /** Where it came in; null for where the gateway is. */
  readonly zone: string | null
  /** Null: nobody is asked who calls. */
  readonly caller: Caller | null
}

/** What routes ask of who calls. */
export interface Caller {
  readonly organization: string
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
}

export interface PlacementAnswer extends PlacementExplanation {
  /** The routes of the function, as the caller would find them; empty when no caller is named. */
  readonly routes: readonly RouteAnswer[]
}

export interface RouteAnswer {
  /** As in the log and the metrics: `GET,HEAD api.example.com/hello/:name`. */
  readonly route: string
  /** Why the caller may not call it; null when they may. */
  readonly refusal: string | null
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
