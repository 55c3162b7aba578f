import type { HealthState } from '../capacity/deployment-health.ts'
import type { BurstStatus } from '../observe/burst-status.ts'

/** Why a call goes where it goes, or would go at this moment. Holds no address and no secret. */
export interface PlacementExplanation {
  readonly organization: string
  readonly functionName: string
  /** Where the call came in; null for where the gateway is. */
  readonly entryZone: string | null
  /** `busy`: there are Deployments and all are full. `nobody`: none may serve this call. */
  readonly decision: 'placed' | 'busy' | 'nobody'
  readonly chosen: DeploymentName | null
  /** False when chance decides between several: `chosen` is then the likeliest. */
  readonly certain: boolean
  /** The decision and its reason, one sentence. */
  readonly reason: string
  readonly burst: BurstExplanation
  /** In the order in which they are tried. */
  readonly tiers: readonly TierExplanation[]
  /** Deployments that never serve this Function. */
  readonly excluded: readonly ExcludedExplanation[]
}

export interface DeploymentName {
  readonly backend: string
  /** Of the function there. */
  readonly name: string
}

export interface BurstExplanation {
  /** Why this call goes to no burst Backend whatever the load; null when it may. */
  readonly closed: string | null
  /** Of the Function, then of its organization; empty for a Function that never bursts. */
  readonly budgets: readonly BurstStatus[]
}

export interface ExcludedExplanation extends DeploymentName {
  /** All that it lacks, one phrase each. */
  readonly reasons: readonly string[]
}

export interface TierExplanation {
  /** How near: `same zone`, `same region`, `distance 20`, `elsewhere`, `anywhere`. */
  readonly place: string
  readonly burst: boolean
  /** Does not offer all that the Function prefers. */
  readonly degraded: boolean
  /** Percent of the calls that are drawn to this tier first; the others come when it is full. */
  readonly load: number
  /** Percent of all calls that it could take. */
  readonly health: number
  /** Calls in flight as a share of what it can take. */
  readonly use: number
  /** Damped, 0 to 1. */
  readonly saturation: number
  readonly candidates: readonly CandidateExplanation[]
}

export interface CandidateExplanation extends DeploymentName {
  readonly state: HealthState
  /** Nothing of it runs there, as far as is known. */
  readonly cold: boolean
  readonly inFlight: number
  /** Calls at once of this Function there; null for no limit. */
  readonly limit: number | null
  /** Calls a second of it that the platform bears, where it said that they come too fast; null for no limit. */
  readonly perSecond: number | null
  /** Of the whole Backend. */
  readonly backendInFlight: number
  readonly backendLimit: number | null
  /** Milliseconds, peak-EWMA. */
  readonly costMs: number
  /** Of its latest answers without a status of 5xx, 0 to 1. */
  readonly successShare: number
  /** The less the better. */
  readonly score: number
  /** Why this call does not go there, one phrase each; empty when it may. */
  readonly reasons: readonly string[]
}
