import type { ErrorCode } from './errors.ts'

/** Did the function run? `maybe` forbids a second try of a call that is not idempotent. */
export type Executed = 'yes' | 'no' | 'maybe'

export interface OutcomeFacts {
  readonly executed: Executed
  readonly blame: 'nobody' | 'function' | 'deployment' | 'backend' | 'client'
  /** Counts against the health of the deployment. */
  readonly unhealthy: boolean
  /** What a client gets when this is the final word; null when the answer is relayed or nobody listens. */
  readonly code: ErrorCode | null
}

const facts = (
  executed: Executed,
  blame: OutcomeFacts['blame'],
  unhealthy: boolean,
  code: ErrorCode | null,
): OutcomeFacts => ({ executed, blame, unhealthy, code })

/** How an attempt to invoke a function ended: one taxonomy for retries, health, errors, metrics and logs. */
export const OUTCOMES = {
  /** The function answered, whatever status it chose. */
  answered: facts('yes', 'nobody', false, null),
  /** It crashed, or the platform says that it failed. */
  'function-error': facts('yes', 'function', false, 'GW_FUNCTION_FAILED'),
  /** The platform does not know the function. */
  'not-found': facts('no', 'deployment', true, 'GW_FUNCTION_NOT_FOUND'),
  /** The platform knows the function, cannot run it at the moment, and says that it did not execute the call. */
  'not-ready': facts('no', 'deployment', true, 'GW_NO_DEPLOYMENT'),
  /** The body is more than the platform takes; refused by the driver before it is sent, or by the platform. */
  'too-large': facts('no', 'client', false, 'GW_BODY_TOO_LARGE'),
  /** The body is not of the form that the function takes, and it was not executed. */
  'invalid-input': facts('no', 'client', false, 'GW_INPUT_INVALID'),
  /** The platform refuses the gateway: its credential, its rights, what it is configured to ask for. Nothing ran. */
  denied: facts('no', 'backend', true, 'GW_BACKEND_DENIED'),
  /** The platform is full, of calls at once, and says that it did not execute the call. */
  overloaded: facts('no', 'backend', false, 'GW_BACKEND_OVERLOADED'),
  /** Calls come too fast for the platform, which says that it did not execute this one. Later ones are paced. */
  'rate-limited': facts('no', 'backend', false, 'GW_BACKEND_OVERLOADED'),
  /** DNS, connect or TLS failed: nothing was sent. */
  unreachable: facts('no', 'backend', true, 'GW_BACKEND_UNREACHABLE'),
  /** The connection ended after something was sent and before the answer was whole. */
  reset: facts('maybe', 'backend', true, 'GW_BACKEND_RESET'),
  /** No answer before the deadline, or an answer that stopped moving. */
  timeout: facts('maybe', 'backend', true, 'GW_TIMEOUT'),
  /** The answer is not valid HTTP. */
  malformed: facts('maybe', 'backend', true, 'GW_BACKEND_MALFORMED'),
  /** The driver threw: a fault of ours, seen as a bad gateway. */
  'driver-error': facts('maybe', 'backend', true, 'GW_BACKEND_FAILED'),
  /** The client left before the answer was whole. */
  aborted: facts('maybe', 'client', false, null),
} as const satisfies Record<string, OutcomeFacts>

export type Outcome = keyof typeof OUTCOMES

/** How a call ended for the log and the metrics: an outcome of its last attempt, or a refusal of the gateway. */
export type CallOutcome = Outcome | 'rejected' | 'replied'
