import type { FunctionLoad } from '../capacity/function-load.ts'
import type { HedgeBudget } from '../capacity/hedge-budget.ts'
import type { RetryBudget } from '../capacity/retry-budget.ts'
import type { WakePermit } from '../capacity/wake-permit.ts'
import type { FunctionConfig } from '../config/schema.ts'
import type { Deployment } from '../placement/deployment.ts'
import type { FunctionPlacement } from '../placement/function-placement.ts'

/** When a call is sent to a second Deployment. */
export interface HedgeRules {
  /** Milliseconds; null for the 95th percentile of the time to the head of an answer. */
  readonly afterMs: number | null
  readonly budget: HedgeBudget
  /** For Deployments that sleep. */
  readonly wake: WakePermit
}

/** A Function as Routes see it: where it can run, and what it allows. */
export interface FunctionTarget {
  readonly organization: string
  readonly name: string
  /** All of them, in the order of the configuration. */
  readonly deployments: readonly Deployment[]
  readonly placement: FunctionPlacement
  readonly load: FunctionLoad
  readonly waiting: FunctionConfig['waiting']
  /** Null when calls are never sent twice. */
  readonly hedge: HedgeRules | null
  readonly timeoutMs: number
  readonly idempotent: boolean
  readonly retryBudget: RetryBudget
}
