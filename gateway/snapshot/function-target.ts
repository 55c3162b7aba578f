import type { FunctionLoad } from '../capacity/function-load.ts'
import type { RetryBudget } from '../capacity/retry-budget.ts'
import type { FunctionConfig } from '../config/schema.ts'
import type { Deployment } from '../placement/deployment.ts'
import type { FunctionPlacement } from '../placement/function-placement.ts'

/** A Function as Routes see it: where it can run, and what it allows. */
export interface FunctionTarget {
  readonly organization: string
  readonly name: string
  /** All of them, in the order of the configuration. */
  readonly deployments: readonly Deployment[]
  readonly placement: FunctionPlacement
  readonly load: FunctionLoad
  readonly waiting: FunctionConfig['waiting']
  readonly timeoutMs: number
  readonly idempotent: boolean
  readonly retryBudget: RetryBudget
}
