import type { RetryBudget } from '../capacity/retry-budget.ts'
import type { Deployment } from '../placement/deployment.ts'

/** A Function as Routes see it: where it can run, and what it allows. */
export interface FunctionTarget {
  readonly organization: string
  readonly name: string
  readonly deployments: readonly Deployment[]
  readonly timeoutMs: number
  readonly idempotent: boolean
  readonly retryBudget: RetryBudget
}
