import type { Call } from '../contract/call.ts'
import type { Principal } from '../contract/principal.ts'
import type { Verdict } from '../contract/rejection.ts'

/** A call of which it may still be found out who makes it. */
export interface OpenCall extends Call {
  principal: Principal | null
}

/** One step between the match and the placement. */
export interface AccessStep {
  access(call: OpenCall): Verdict
}
