import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'

/**
 * Something that OpenFaaS itself says in the place of a function. Statuses and texts alone do not tell, because a
 * function may answer with the same; but its answers come through a watchdog, which adds `X-Duration-Seconds`, and
 * always carry a Content-Type. Recorded with gateway 0.25.4, of-watchdog 0.9.12 and classic-watchdog 0.2.2; newer
 * ones also mark errors of their own with `X-OpenFaaS-Internal`.
 */
export interface Saying {
  readonly status: number
  /** Whether the head can be that of this saying. */
  fits(head: PlatformHead): boolean
  /** Whole body, or its first bytes up to the bound. */
  readonly body: RegExp
  /** What every such body begins with, so that others are told at their first byte. */
  readonly prefix: string
  /** Length of the body for a function whose name has this length: tells for HEAD. Absent when it varies. */
  length?(nameLength: number): number
  readonly outcome: Outcome
  readonly detail: string
}

/** Head of an answer, with what is asked of it. */
export interface PlatformHead {
  readonly status: number
  readonly headers: HeaderList
  /** True when the caller asked for `text/event-stream`, which takes a path of its own through the platform. */
  readonly streaming: boolean
}

/** Bytes of a body that are looked at: every saying is shorter or known by its beginning. */
export const SAYING_BYTES = 512

const EMPTY = /^$/
const ANYTHING = /^/
const none = () => 0

const internal = ({ headers }: PlatformHead) => headers.get('x-openfaas-internal')
const isOfWatchdog = ({ headers }: PlatformHead) => headers.has('x-duration-seconds')
const hasNoType = ({ headers }: PlatformHead) => !headers.has('content-type')
const isShort = ({ headers }: PlatformHead) => Number(headers.get('content-length') ?? NaN) <= SAYING_BYTES
const isPlain = ({ headers }: PlatformHead) => headers.get('content-type') === 'text/plain; charset=utf-8'

/** Go's `http.Error`: how gateway and provider say what went wrong with them. */
const isGoError = (head: PlatformHead) =>
  isPlain(head) && isShort(head) && head.headers.has('x-content-type-options') && !isOfWatchdog(head)

const SAYINGS: readonly Saying[] = [
  {
    status: 503,
    fits: isGoError,
    body: /^No endpoints available for: [-\w.]+\.\s*$/,
    prefix: 'No endpoints available for: ',
    length: (nameLength) => nameLength + 30,
    outcome: 'not-found',
    detail: 'the platform has no endpoint of the function',
  },
  {
    // The same words stand for an unknown function and for a provider that is away: nothing ran in either case.
    status: 404,
    fits: isGoError,
    body: ANYTHING,
    prefix: 'error finding function ',
    outcome: 'not-found',
    detail: 'the platform does not find the function',
  },
  {
    status: 404,
    fits: (head) => isGoError(head) && !head.headers.has('x-start-time'),
    body: /^404 page not found\s*$/,
    prefix: '404 page not found',
    length: () => 19,
    outcome: 'not-found',
    detail: 'the URL is not that of an OpenFaaS gateway',
  },
  {
    status: 500,
    fits: isGoError,
    body: ANYTHING,
    prefix: 'error finding function ',
    outcome: 'unreachable',
    detail: 'the platform could not scale the function up',
  },
  {
    // Refused, reset, closed early, or slower than the provider allows: it may have run.
    status: 500,
    fits: isGoError,
    body: /^Can't reach service for: [-\w.]+\.\s*$/,
    prefix: "Can't reach service for: ",
    length: (nameLength) => nameLength + 27,
    outcome: 'reset',
    detail: 'the platform lost the connection to the function',
  },
  {
    status: 429,
    fits: (head) => head.headers.get('content-type') === 'text/plain' && isShort(head) && !isOfWatchdog(head),
    body: /^Concurrent request limit exceeded\. Max concurrent requests: \d+\s*$/,
    prefix: 'Concurrent request limit exceeded. Max concurrent requests: ',
    outcome: 'overloaded',
    detail: 'the watchdog is at its max_inflight',
  },
  {
    // Older watchdogs do not mark it; an unmarked empty 500 may be the function's own and is relayed.
    status: 500,
    fits: (head) => internal(head) === 'of-watchdog',
    body: ANYTHING,
    prefix: '',
    outcome: 'function-error',
    detail: 'the watchdog lost the function while it ran',
  },
  {
    // classic-watchdog: the exit status of the process, then its standard error, which is not for callers.
    status: 500,
    fits: (head) => isPlain(head) && !isOfWatchdog(head),
    body: /^exit status \d{1,3}(\n|$)/,
    prefix: 'exit status ',
    outcome: 'function-error',
    detail: 'the process of the function failed',
  },
  {
    // A time-out rather than an error of the function: as when our own deadline ends it, its caller sees 504. If the
    // function itself answered so, the status is the same.
    status: 504,
    fits: (head) => isOfWatchdog(head) || internal(head) === 'of-watchdog',
    body: EMPTY,
    prefix: '',
    length: none,
    outcome: 'timeout',
    detail: 'the watchdog ended the function at its exec_timeout',
  },
  {
    status: 408,
    fits: (head) => !head.headers.has('content-length') || isShort(head),
    body: /^Killed process\.\s*$/,
    prefix: 'Killed process.',
    outcome: 'timeout',
    detail: 'the watchdog ended the function at its exec_timeout',
  },
  {
    // Taken for a time-out when the platform's own time has passed.
    status: 502,
    fits: (head) => hasNoType(head) && !isOfWatchdog(head),
    body: EMPTY,
    prefix: '',
    length: none,
    outcome: 'reset',
    detail: 'the gateway of the platform got no answer from its provider',
  },
  {
    // The error handler of the streaming path says nothing at all.
    status: 200,
    fits: (head) => head.streaming && hasNoType(head),
    body: EMPTY,
    prefix: '',
    outcome: 'reset',
    detail: 'an empty stream without a type: the platform lost the function',
  },
  ...[500, 502, 503, 504].map(
    (status): Saying => ({
      status,
      fits: (head) => internal(head) === 'proxy',
      body: ANYTHING,
      prefix: '',
      outcome: 'reset',
      detail: 'the platform failed',
    }),
  ),
]

const BY_STATUS: ReadonlyMap<number, readonly Saying[]> = Map.groupBy(SAYINGS, ({ status }) => status)

/** True for statuses of which some answers are the platform's. */
export function isSuspect(status: number, streaming: boolean): boolean {
  return status === 200 ? streaming : BY_STATUS.has(status)
}

/** What this head may turn out to say, the most telling first. */
export function sayingsFor(head: PlatformHead): Saying[] {
  return (BY_STATUS.get(head.status) ?? []).filter((saying) => saying.fits(head))
}

/**
 * Whether this saying is what the body is: null while more bytes could still make it so.
 *
 * @param body What has arrived, up to the bound.
 * @param final True when no more bytes will be looked at.
 */
export function saysSo({ body: pattern, prefix }: Saying, body: string, final: boolean): boolean | null {
  if (final) return body.startsWith(prefix) && pattern.test(body)
  if (pattern === EMPTY) return body === '' ? null : false
  return body.startsWith(prefix) || prefix.startsWith(body) ? null : false
}

/** Whether an answer to HEAD, which has no body, would say this. */
export function saysByLength(saying: Saying, headers: HeaderList, nameLength: number): boolean {
  if (saying.body === ANYTHING) return saying.prefix === ''
  const length = Number(headers.get('content-length') ?? 0)
  return saying.length !== undefined && saying.length(nameLength) === length
}
