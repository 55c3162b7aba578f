import { type CallOutcome, OUTCOMES, type Outcome } from '../contract/outcome.ts'

/** Every way a call can end, in the order of its counters. */
export const CALL_OUTCOMES: readonly CallOutcome[] = [
  ...(Object.keys(OUTCOMES) as Outcome[]),
  'rejected',
  'replied',
]

/** Position of each outcome in `CALL_OUTCOMES`. */
export const OUTCOME_INDEX = Object.fromEntries(
  CALL_OUTCOMES.map((outcome, index) => [outcome, index]),
) as Readonly<Record<CallOutcome, number>>

/** Labels of statuses: `1xx` for 101, with which a WebSocket begins. What is not a final status of HTTP is `other`. */
export const STATUS_CLASSES: readonly string[] = ['other', '2xx', '3xx', '4xx', '5xx', '1xx']

/** Counters for each outcome and class of status. */
export const COUNTS = CALL_OUTCOMES.length * STATUS_CLASSES.length

/** Where among `COUNTS` counters a call that ended like this is counted. */
export function countIndex(outcome: CallOutcome, status: number): number {
  const statusClass = status >= 200 && status < 600 ? ((status / 100) | 0) - 1 : status === 101 ? 5 : 0
  return OUTCOME_INDEX[outcome] * STATUS_CLASSES.length + statusClass
}
