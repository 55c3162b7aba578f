import { ANYTHING, EMPTY, isShort, type Saying, Sayings } from '../support/saying.ts'
import {
  hasNoType,
  hasNothingElse,
  internal,
  isBeforeStart,
  isGoError,
  isOfClassicWatchdog,
  isOfLimiter,
  isOfSerializingWatchdog,
  isOfWatchdog,
  type PlatformHead,
} from './platform-head.ts'

const none = () => 0

/** How Go tells that a process failed; of-watchdog says no more, classic-watchdog adds what the process wrote. */
const PROCESS_ERRORS: readonly (readonly [prefix: string, rest: string, detail: string])[] = [
  ['exit status ', '\\d{1,3}', 'the process of the function failed'],
  ['signal: ', '[^\\n]{3,60}', 'the process of the function was killed'],
  ['fork/exec ', '[^\\n]+: [^\\n]+', 'the process of the function could not be started'],
  ['exec: ', '[^\\n]+: [^\\n]+', 'the process of the function could not be started'],
]

/**
 * Something that OpenFaaS itself says in the place of a function. Statuses and texts alone do not tell, because a
 * function may answer with the same; but its answers come through a watchdog, which adds `X-Duration-Seconds`, and
 * always carry a Content-Type. Recorded with gateway 0.25.4, of-watchdog 0.9.12 and classic-watchdog 0.2.2, and with
 * gateway 0.27.14, of-watchdog 0.11.6 and classic-watchdog 0.3.9, which also mark errors with `X-OpenFaaS-Internal`.
 */
export const SAYINGS = new Sayings<PlatformHead>([
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
    fits: isBeforeStart,
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
    // To HEAD the same; its words have no length that is known.
    status: 404,
    fits: (head) => head.isHead && isBeforeStart(head),
    body: ANYTHING,
    prefix: '',
    outcome: 'not-found',
    detail: 'the platform does not find the function',
  },
  {
    status: 500,
    fits: isBeforeStart,
    body: ANYTHING,
    prefix: 'error finding function ',
    outcome: 'unreachable',
    detail: 'the platform could not scale the function up',
  },
  {
    status: 500,
    fits: (head) => head.isHead && isBeforeStart(head),
    body: ANYTHING,
    prefix: '',
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
    fits: isOfLimiter,
    body: /^Concurrent request limit exceeded\. Max concurrent requests: \d+\s*$/,
    prefix: 'Concurrent request limit exceeded. Max concurrent requests: ',
    outcome: 'overloaded',
    detail: 'the watchdog is at its max_inflight',
  },
  {
    status: 500,
    fits: (head) => internal(head) === 'of-watchdog',
    body: ANYTHING,
    prefix: '',
    outcome: 'function-error',
    detail: 'the watchdog lost the function while it ran',
  },
  {
    // Older watchdogs do not mark it. A function's own 500 with neither body nor type nor any field is one of these.
    status: 500,
    fits: (head) => isOfWatchdog(head) && hasNothingElse(head),
    body: EMPTY,
    prefix: '',
    length: none,
    outcome: 'function-error',
    detail: 'the watchdog lost the function while it ran',
  },
  // What the process wrote may follow, and is not for callers.
  ...PROCESS_ERRORS.flatMap(([prefix, rest, detail]): Saying<PlatformHead>[] => [
    {
      status: 500,
      fits: isOfClassicWatchdog,
      body: new RegExp(`^${prefix}${rest}(\\n|$)`),
      prefix,
      outcome: 'function-error',
      detail,
    },
    {
      status: 500,
      fits: isOfSerializingWatchdog,
      body: new RegExp(`^${prefix}${rest}$`),
      prefix,
      outcome: 'function-error',
      detail,
    },
  ]),
  {
    // classic-watchdog reads the whole body before it starts a process. The words hold addresses inside the platform.
    status: 400,
    fits: isOfClassicWatchdog,
    body: /^read tcp \S+->\S+: i\/o timeout\s*$/,
    prefix: 'read tcp ',
    outcome: 'invalid-input',
    detail: 'the upload took longer than the read_timeout of the watchdog',
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
    fits: (head) => !isOfWatchdog(head) && (!head.headers.has('content-length') || isShort(head.headers)),
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
    // The error handler of the streaming path says nothing at all. Taken for a time-out as an empty 502 is.
    status: 200,
    fits: (head) => head.streaming && hasNoType(head),
    body: EMPTY,
    prefix: '',
    outcome: 'reset',
    detail: 'an empty stream without a type: the platform lost the function',
  },
  ...[500, 502, 503, 504].map(
    (status): Saying<PlatformHead> => ({
      status,
      fits: (head) => internal(head) === 'proxy',
      body: ANYTHING,
      prefix: '',
      outcome: 'reset',
      detail: 'the platform failed',
    }),
  ),
])

/** True for statuses of which some answers are the platform's. */
export function isSuspect(status: number, streaming: boolean): boolean {
  return status === 200 ? streaming : SAYINGS.has(status)
}
