import { type AnswerHead, isGoError as isErrorOfGo, isShort } from '../support/saying.ts'

/** Head of an answer, with what is asked of it. */
export interface PlatformHead extends AnswerHead {
  /** True when the caller's `Accept` takes a path of its own through the platform, on which errors say nothing. */
  readonly streaming: boolean
  readonly isHead: boolean
  /** Content-Type of the request, which the provider gives to answers that have none. */
  readonly requestType: string | null
}

const OCTETS = 'application/octet-stream'

/** Which part of the platform says that it is its own error; of newer ones. */
export const internal = ({ headers }: PlatformHead) => headers.get('x-openfaas-internal')

/** What a watchdog passes on from its function says how long that took. */
export const isOfWatchdog = ({ headers }: PlatformHead) => headers.has('x-duration-seconds')

export const hasNoType = ({ headers }: PlatformHead) => !headers.has('content-type')

const isPlain = ({ headers }: PlatformHead) => headers.get('content-type') === 'text/plain; charset=utf-8'
export const isGoError = (head: PlatformHead) => isErrorOfGo(head.headers) && !isOfWatchdog(head)

/** The gateway scales a function up before it starts the clock of the call: what has no start never got that far. */
export const isBeforeStart = (head: PlatformHead) =>
  isPlain(head) && !head.headers.has('x-start-time') && !isOfWatchdog(head)

/** Written without `http.Error`; the type is guessed from what the process wrote. */
export const isOfClassicWatchdog = (head: PlatformHead) =>
  !isOfWatchdog(head) &&
  !head.headers.has('x-content-type-options') &&
  (isPlain(head) || head.headers.get('content-type') === OCTETS)

/** The limiter of both watchdogs, which came to set a type; before, Go guessed it. */
export const isOfLimiter = (head: PlatformHead) =>
  (head.headers.get('content-type') === 'text/plain' || isPlain(head)) &&
  !head.headers.has('x-content-type-options') &&
  isShort(head.headers) &&
  !isOfWatchdog(head)

/** of-watchdog in mode `serializing`, with the type that it has unless it was told another. */
export const isOfSerializingWatchdog = (head: PlatformHead) =>
  isOfWatchdog(head) && isShort(head.headers) && head.headers.get('content-type') === OCTETS

/** What is on every answer, whatever the function did. */
const OF_ALL = new Set([
  'connection',
  'content-length',
  'date',
  'x-call-id',
  'x-duration-seconds',
  'x-served-by',
  'x-start-time',
])

/** Nothing on it is the function's: its type is the one that the provider gives. */
export function hasNothingElse({ headers, requestType }: PlatformHead): boolean {
  for (let i = 0; i < headers.flat.length; i += 2) {
    const name = headers.flat[i]!
    if (name === 'content-type') {
      if (headers.flat[i + 1] !== (requestType ?? 'text/plain')) return false
    } else if (!OF_ALL.has(name)) return false
  }
  return true
}
