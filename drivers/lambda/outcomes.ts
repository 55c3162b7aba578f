import type { Outcome } from '../../gateway/contract/outcome.ts'

/** How a call ended when it did not end with an answer. */
export interface Failure {
  readonly outcome: Outcome
  /** For the operator. */
  readonly detail: string
  /** As in `Sink.fail`. */
  readonly retryAfterMs?: number
}

/** Set-ups of an environment that Lambda could not make: nothing ran. */
const NOT_READY =
  /^(?:EC2|ENI|EFSMount|S3FilesMount|KMS|SnapStart|Subnet|InvalidRuntime|InvalidZipFile|InvalidSubnet|InvalidSecurityGroup|ResourceNotReady|ResourceConflict|CodeArtifact|NoPublishedVersion)/

/**
 * Refusals for the rate of calls, of the function or of all that the account asks: by the reason of a 429, or by the names
 * that AWS's common errors have for it. Other reasons speak of calls at once.
 */
const RATE_REASON = /RateLimitExceeded$/
const RATE_NAME = /^(?:Throttl|RequestThrottled|RequestLimitExceeded)/

/**
 * What an answer of the service other than 200 means. Statuses and names are those of the model of Invoke; whatever has
 * none of its names and a 5xx may come from something between, after the function ran.
 *
 * @param errorType Value of `x-amzn-errortype`, or null.
 * @param body As far as it was read.
 */
export function serviceFailure(status: number, errorType: string | null, body: string): Failure {
  const { type, message, reason } = readBody(body)
  const name = (errorType ?? type).replace(/:.*/s, '').replace(/^.*#/s, '').slice(0, 100)
  const detail = [`Lambda answers ${status}`, name, reason, message].filter((part) => part !== '').join(' · ')
  return { outcome: outcomeOf(status, name, reason), detail: detail.slice(0, 500) }
}

/** What an exception means that comes in the course of a stream. */
export function streamFailure(name: string, body: string): Failure {
  const { message, reason } = readBody(body)
  const detail = ['Lambda breaks the stream off', name.slice(0, 100), reason, message]
  return { outcome: outcomeOf(500, name, reason), detail: detail.filter(Boolean).join(' · ').slice(0, 500) }
}

function outcomeOf(status: number, name: string, reason: string): Outcome {
  if (RATE_NAME.test(name) || RATE_REASON.test(reason)) return 'rate-limited'
  if (name.startsWith('TooManyRequests') || status === 429) return 'overloaded'
  if (name.startsWith('ResourceNotFound')) return 'not-found'
  if (NOT_READY.test(name)) return 'not-ready'
  if (status === 413 || /TooLarge/.test(name)) return 'too-large'
  if (name.startsWith('InvalidRequestContent')) return 'invalid-input'
  // A file system that fails has a function that runs.
  if (status === 410 || status >= 500 || status < 400) return 'reset'
  return 'denied'
}

/**
 * What a function that failed said. Only the type and the message of the error, never its stack.
 *
 * @param kind `Unhandled` or `Handled`, or the code of a stream.
 */
export function functionFailure(kind: string, body: string): Failure {
  const { type, message } = readBody(body)
  const outcome = type === 'Sandbox.Timedout' || kind === 'Sandbox.Timedout' ? 'timeout' : 'function-error'
  return { outcome, detail: `${kind}: ${type} ${message}`.trim().slice(0, 500) }
}

/** A length of a body that is not worth sending. */
export function tooLarge(bytes: number, limit: number): Failure {
  return { outcome: 'too-large', detail: `the event has ${bytes} bytes or more, Lambda takes ${limit}` }
}

interface ErrorBody {
  readonly type: string
  readonly message: string
  readonly reason: string
}

const UNREADABLE: ErrorBody = { type: '', message: '', reason: '' }

function readBody(text: string): ErrorBody {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return UNREADABLE
  }
  if (typeof body !== 'object' || body === null) return UNREADABLE
  const fields = body as Record<string, unknown>
  return {
    type: firstText(fields['errorType'], fields['__type'], fields['code']),
    message: firstText(fields['errorMessage'], fields['message'], fields['Message']),
    reason: firstText(fields['Reason']),
  }
}

function firstText(...values: readonly unknown[]): string {
  const text = values.find((value) => typeof value === 'string') as string | undefined
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a line of a log must not have
  return (text ?? '').replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')
}
