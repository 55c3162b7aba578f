import type { Call } from '../contract/call.ts'
import type { Principal } from '../contract/principal.ts'
import type { Verdict } from '../contract/rejection.ts'
import type { Assertion } from '../identity/assertion.ts'
import type { Reason } from '../identity/rejections.ts'

/** A call of which it may still be found out who makes it. */
export interface OpenCall extends Call {
  principal: Principal | null
  /** What a trusted proxy says of it, or why that is refused; null when it says nothing. */
  readonly asserted: Assertion | Reason | null
}

/** One step between the match and the placement. */
export interface AccessStep {
  access(call: OpenCall): Verdict
}
