import type { HealthState } from '../capacity/deployment-health.ts'
import type { BurstStatus } from './burst-status.ts'
import type { KongStatus } from './kong-status.ts'

/**
 * What the main thread knows of the gateway at one moment: for `/v1/status`, `dispatch status` and the metrics. Times
 * are milliseconds since 1970. Holds no secret.
 */
export interface GatewayStatus {
  readonly version: string
  readonly startedAt: number
  readonly state: 'starting' | 'serving' | 'draining'
  readonly configuration: ConfigurationStatus
  readonly threads: readonly ThreadStatus[]
  readonly backends: readonly BackendStatus[]
  /** In the order of the configuration: the metrics give the first ones labels of their own. */
  readonly deployments: readonly DeploymentStatus[]
  /** Of each organization that may burst, then of its functions, in the order of the configuration. */
  readonly burst: readonly BurstStatus[]
  /** Issuers whose keys are fetched. */
  readonly issuers: readonly IssuerStatus[]
  /** Null when there is no Kong in front. */
  readonly kong: KongStatus | null
}

export interface ConfigurationStatus {
  readonly file: string
  /** Grows with every configuration that was taken. */
  readonly generation: number
  readonly loadedAt: number
  readonly reloads: { readonly succeeded: number; readonly failed: number }
  readonly lastError: ReloadHistory['lastError']
}

export interface ReloadHistory {
  readonly succeeded: number
  readonly failed: number
  /** Why the latest reload was refused; null when it was taken. */
  readonly lastError: { readonly at: number; readonly mistakes: readonly string[] } | null
}

export interface ThreadStatus {
  readonly index: number
  readonly state: 'starting' | 'serving' | 'draining' | 'stopped'
  /** Configuration that it serves; 0 before the first. */
  readonly generation: number
  readonly heartbeatAgeMs: number
  /** Times that it was replaced because it died or fell silent. */
  readonly restarts: number
}

export interface BackendStatus {
  readonly name: string
  readonly driver: string
  /** What the latest probe found; null when there was none or the driver has no operator. */
  readonly ready: boolean | null
  /** One sentence. */
  readonly detail: string
}

export interface DeploymentStatus {
  readonly organization: string
  readonly functionName: string
  readonly backend: string
  /** Name of the function on the platform. */
  readonly name: string
  /** Calls of all threads. */
  readonly inFlight: number
  /** Placement sends calls there: it is neither ejected for its failures nor found not ready. */
  readonly healthy: boolean
  readonly state: HealthState
  /** The platform says that nothing runs, so that the next call waits for a start. */
  readonly cold: boolean
  /** Calls a second that the platform bears, where it said that they come too fast; null for no limit. */
  readonly perSecond: number | null
}

export interface IssuerStatus {
  readonly issuer: string
  readonly state: 'pending' | 'ready' | 'failing'
  /** Keys in use. */
  readonly keys: number
  /** When they were fetched; 0 when never. */
  readonly fetchedAt: number
}
