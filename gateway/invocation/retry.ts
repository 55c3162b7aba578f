import { OUTCOMES, type Outcome } from '../contract/outcome.ts'
import { hasOther } from '../placement/choose.ts'
import type { ActiveCall } from './active-call.ts'

/** RFC 9110, 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

/**
 * Whether a call whose last attempt ended so may be tried again. Never when the function may have run and the call is
 * not safe to repeat; never with a body of which a byte is gone; within attempts, deadline and the budget of retries.
 */
export function mayRetry(call: ActiveCall, outcome: Outcome): boolean {
  const { route, attempt } = call
  const { executed } = OUTCOMES[outcome]
  if (executed === 'yes' || call.attempts >= route.maxAttempts) return false
  if (executed === 'maybe' && !isIdempotent(call)) return false
  if (call.bodyLength !== 0 && !Buffer.isBuffer(call.body) && call.exchange.bodyTouched) return false
  if (Date.now() >= call.deadlineAt) return false
  // Alone, a Deployment is worth a second connection only when the first one broke (a kept one that went stale).
  const other = attempt !== null && hasOther(route.target.deployments, attempt.deployment)
  if (!other && (outcome !== 'reset' || call.attempts > 1)) return false
  return route.target.retryBudget.tryTake()
}

function isIdempotent(call: ActiveCall): boolean {
  return call.route.idempotent || call.hasIdempotencyKey || IDEMPOTENT.has(call.method)
}
