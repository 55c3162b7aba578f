import { HeaderList } from '../contract/headers.ts'
import { OUTCOMES, type Outcome } from '../contract/outcome.ts'
import { Rejection, type Reply } from '../contract/rejection.ts'
import { PROBLEM_TYPE, problemBody } from '../observe/problem.ts'
import type { ActiveCall } from './active-call.ts'
import { filterHead } from './answer-head.ts'

export const BODY_TOO_LARGE = new Rejection('GW_BODY_TOO_LARGE')
export const BODY_TOO_SLOW = new Rejection('GW_REQUEST_TIMEOUT', 'The body stopped arriving.', [
  'connection',
  'close',
])

/** Answers in the place of the function: a refusal as a problem document, or a reply that a plugin made. */
export function refuse(call: ActiveCall, verdict: Rejection | Reply): void {
  if (call.state === 'over' || call.state === 'answered') return
  const headers = new HeaderList(['x-request-id', call.id])
  let body: string
  if (verdict instanceof Rejection) {
    call.code = verdict.code
    call.reason ||= verdict.reason || verdict.detail
    headers.flat.push(
      'content-type',
      PROBLEM_TYPE,
      'cache-control',
      'no-store',
      'dispatch-error',
      verdict.code,
    )
    body = problemBody(verdict.code, { detail: verdict.detail, requestId: call.id, attempts: call.attempts })
  } else {
    call.outcome = 'replied'
    body = verdict.body
  }
  headers.flat.push(...verdict.headers)
  filterHead(call, verdict.status, headers)
  send(call, verdict.status, headers, body)
}

/** The final word after an attempt that did not end in an answer. */
export function refuseOutcome(call: ActiveCall, outcome: Outcome, detail: string): void {
  call.outcome = outcome
  call.reason = detail
  refuse(call, FINAL_WORDS[outcome])
}

function send(call: ActiveCall, status: number, headers: HeaderList, body: string): void {
  call.status = status
  call.state = 'answered'
  call.bytesOut = body.length
  if (call.deadline !== null) clearTimeout(call.deadline)
  if (call.services.draining) call.exchange.closeAfter()
  call.exchange.respond(status, headers.flat, body)
}

const RETRY_LATER = ['retry-after', '1']

/** One Rejection per outcome, built at load. */
const FINAL_WORDS = Object.fromEntries(
  Object.entries(OUTCOMES).map(([outcome, { code, executed }]) => [
    outcome,
    new Rejection(
      code ?? 'GW_INTERNAL',
      '',
      executed === 'no' && outcome === 'overloaded' ? RETRY_LATER : [],
    ),
  ]),
) as Record<Outcome, Rejection>
