import { LATEST_S } from '../capacity/comeback-schedule.ts'
import { ERRORS, type ErrorCode } from '../contract/errors.ts'
import { HeaderList } from '../contract/headers.ts'
import { OUTCOMES, type Outcome } from '../contract/outcome.ts'
import { Rejection, type Reply } from '../contract/rejection.ts'
import { PROBLEM_TYPE, problemBody } from '../observe/problem.ts'
import { describe } from '../transport/upstream-failure.ts'
import type { ActiveCall } from './active-call.ts'
import { filterHead } from './answer-head.ts'
import { addExplanation } from './place-explained.ts'
import { retryAfterSeconds, waitNoMore } from './wait.ts'

export const FILTER_FAILED = new Rejection('GW_INTERNAL', 'A plugin spoiled the head of the answer.')
export const BODY_TOO_LARGE = new Rejection('GW_BODY_TOO_LARGE')
export const BAD_TRAILER = new Rejection(
  'GW_BAD_HEADER',
  'A field behind the body that must not stand there.',
)
export const BODY_TOO_SLOW = new Rejection('GW_REQUEST_TIMEOUT', 'The body stopped arriving.', [
  'connection',
  'close',
])

/** Answers in the place of the function: a refusal as a problem document, or a reply that a plugin made. */
export function refuse(call: ActiveCall, verdict: Rejection | Reply): void {
  if (call.state === 'over' || call.state === 'answered') return
  if (call.state === 'waiting') waitNoMore(call)
  let headers: HeaderList
  let body: string
  if (verdict instanceof Rejection) {
    call.code = verdict.code
    call.reason ||= verdict.reason || verdict.detail
    headers = new HeaderList(problemHeaders(call.id, verdict.code))
    body = problemBody(verdict.code, { detail: verdict.detail, requestId: call.id, attempts: call.attempts })
  } else {
    call.outcome = 'replied'
    headers = new HeaderList(['x-request-id', call.id])
    body = verdict.body
  }
  headers.flat.push(...verdict.headers)
  addExplanation(call, headers)
  filterHead(call, verdict.status, headers)
  send(call, verdict.status, headers, body)
}

/** The final word after an attempt that did not end in an answer. @param retryAfterMs As in `Sink.fail`. */
export function refuseOutcome(call: ActiveCall, outcome: Outcome, detail: string, retryAfterMs = 0): void {
  call.outcome = outcome
  call.reason = detail
  const isFull = OUTCOMES[outcome].code === 'GW_BACKEND_OVERLOADED'
  refuse(call, isFull ? OVERLOADED[retryAfterSeconds(call, retryAfterMs)]! : FINAL_WORDS[outcome])
}

function send(call: ActiveCall, status: number, headers: HeaderList, body: string): void {
  call.status = status
  call.state = 'answered'
  call.bytesOut = body.length
  call.dueAt = Number.POSITIVE_INFINITY
  if (call.services.draining) call.exchange.closeAfter()
  try {
    call.exchange.respond(status, headers.flat, body)
  } catch (error) {
    sendBare(call, error)
  }
}

/** A plugin gave a status or a header that HTTP cannot carry: the client gets an answer that no plugin has touched. */
function sendBare(call: ActiveCall, error: unknown): void {
  call.outcome = 'rejected'
  call.code = 'GW_INTERNAL'
  call.reason = describe(error)
  call.status = ERRORS.GW_INTERNAL.status
  const body = problemBody(call.code, { detail: '', requestId: call.id, attempts: call.attempts })
  call.bytesOut = body.length
  call.services.log.error(
    { id: call.id, route: call.route.name, error: call.reason },
    'an answer of the gateway could not be written',
  )
  try {
    call.exchange.respond(call.status, problemHeaders(call.id, call.code), body)
  } catch {
    call.exchange.destroy()
  }
}

function problemHeaders(id: string, code: ErrorCode): string[] {
  return [
    'x-request-id',
    id,
    'content-type',
    PROBLEM_TYPE,
    'cache-control',
    'no-store',
    'dispatch-error',
    code,
  ]
}

/** One Rejection per outcome, built at load. */
const FINAL_WORDS = Object.fromEntries(
  Object.entries(OUTCOMES).map(([outcome, { code }]) => [outcome, finalWord(code ?? 'GW_INTERNAL')]),
) as Record<Outcome, Rejection>

function finalWord(code: ErrorCode): Rejection {
  return new Rejection(code, '', ERRORS[code].status === 503 ? ['retry-after', '5'] : [])
}

/** One for each number of seconds after which to come back. */
const OVERLOADED = Array.from(
  { length: LATEST_S + 1 },
  (_, seconds) => new Rejection('GW_BACKEND_OVERLOADED', '', ['retry-after', String(seconds)]),
)
