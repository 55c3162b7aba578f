import { OUTCOMES, type Outcome } from '../contract/outcome.ts'
import { hasOther } from '../placement/has-other.ts'
import type { ActiveCall } from './active-call.ts'

/** RFC 9110, 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

/**
 * Whether a call whose last attempt ended so may be tried again. Never when the function may have run and the call is
 * not safe to repeat; never with a body of which a byte is gone; within attempts, deadline and the budget of retries.
 */
export function mayRetry(call: ActiveCall, outcome: Outcome): boolean {
  const { route, attempt } = call
  const now = Date.now()
  const { executed } = OUTCOMES[outcome]
  if (executed === 'yes' || call.attempts >= route.maxAttempts) return false
  if (executed === 'maybe' && !isIdempotent(call)) return false
  if (!canSendBodyAgain(call)) return false
  if (now >= call.deadlineAt) return false
  // Alone, a Deployment is worth a second connection only when the first one broke (a kept one that went stale).
  const other = attempt !== null && hasOther(route.target.placement, call, attempt.deployment, now)
  if (!other && (outcome !== 'reset' || call.attempts > 1)) return false
  return route.target.retryBudget.tryTake()
}

/** A call that may be sent again when it fails, whatever became of it. */
export function isRepeatable(call: ActiveCall): boolean {
  return isIdempotent(call) && call.route.maxAttempts > 1 && canSendBodyAgain(call)
}

function canSendBodyAgain(call: ActiveCall): boolean {
  return call.bodyLength === 0 || Buffer.isBuffer(call.body) || !call.exchange.bodyTouched
}

function isIdempotent(call: ActiveCall): boolean {
  return call.route.idempotent || call.hasIdempotencyKey || IDEMPOTENT.has(call.method)
}
