import { isRecord, parseExact } from '../../gateway/contract/exact-json.ts'
import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import { isWrapped, type Rendered } from './result.ts'

/** What the platform says of a call: the function's answer, an activation that goes on, or why there is none. */
export type Verdict =
  | { readonly answer: Rendered; readonly activationId: string | null }
  | { readonly goesOn: string }
  | { readonly outcome: Outcome; readonly detail: string }

/** Refusals: nothing was executed (controller of OpenWhisk, Actions.scala and ErrorResponse.scala). */
const REFUSALS: Readonly<Record<number, readonly [Outcome, string]>> = {
  400: ['invalid-input', 'the platform does not take the parameters'],
  401: ['denied', 'the platform refuses the key'],
  403: ['denied', 'the key may not invoke the action'],
  404: ['not-found', 'the platform does not know the action'],
  409: ['not-found', 'the name is that of something else than an action'],
  413: ['too-large', 'the platform takes no body of this size'],
  429: ['overloaded', 'the namespace has as many calls as it may'],
  503: ['overloaded', 'the platform cannot place the call'],
}

/** How the platform tells its limit of calls a minute from that of calls at once (ErrorResponse.scala). */
export const PER_MINUTE = 'Too many requests in the last minute'
export const TOO_FAST = {
  outcome: 'rate-limited',
  detail: 'the namespace has had as many calls of this minute as it may',
} as const

const ID = /^[0-9a-zA-Z-]{1,64}$/

/** Whether this can stand in a path. */
export function isActivationId(id: unknown): id is string {
  return typeof id === 'string' && ID.test(id)
}

/** Makes an answer of a result; null when none can be made. */
type Render = (result: unknown) => Rendered | null

/** Reads the answer to a blocking call or to a look at its activation. */
export function judge(status: number, headers: HeaderList, body: Buffer, render: Render): Verdict {
  const refusal = REFUSALS[status]
  const id = headers.get('x-openwhisk-activation-id')
  if (refusal !== undefined && id === null) {
    if (status === 429 && body.includes(PER_MINUTE)) return TOO_FAST
    return { outcome: refusal[0], detail: refusal[1] }
  }
  const said = parse(body)
  if (status === 202) return goesOn(isRecord(said) ? said['activationId'] : id)
  if (Array.isArray(said) && status === 200) return answer(said, id, render)
  if (isRecord(said) && isRecord(said['response'])) return judgeRecord(said, said['response'], render)
  if (status === 200) return { outcome: 'malformed', detail: 'the platform answers with no record' }
  return { outcome: 'reset', detail: `the platform answers ${status} without a record` }
}

function goesOn(id: unknown): Verdict {
  if (isActivationId(id)) return { goesOn: id }
  return { outcome: 'malformed', detail: 'the platform answers 202 without an activation' }
}

function judgeRecord(
  record: Record<string, unknown>,
  response: Record<string, unknown>,
  render: Render,
): Verdict {
  const { result } = response
  const { activationId } = record
  const id = isActivationId(activationId) ? activationId : null
  const named = `activation ${id}`
  switch (response['status']) {
    case 'success':
      return answer(result, id, render)
    case 'application error': {
      const error = isRecord(result) ? result['error'] : null
      if (isWrapped(error)) return answer(error, id, render)
      return { outcome: 'function-error', detail: `${named}: the action answers with an error` }
    }
    case 'action developer error':
      return isTimeout(record, result)
        ? { outcome: 'timeout', detail: `${named}: the time limit of the action has passed` }
        : { outcome: 'function-error', detail: `${named}: the action failed` }
    default:
      return { outcome: 'reset', detail: `${named}: the platform failed to run the action` }
  }
}

function answer(result: unknown, activationId: string | null, render: Render): Verdict {
  const rendered = render(result)
  if (rendered === null) {
    return { outcome: 'function-error', detail: `activation ${activationId}: its result is no answer` }
  }
  return { answer: rendered, activationId }
}

function isTimeout({ annotations }: Record<string, unknown>, result: unknown): boolean {
  const marked =
    Array.isArray(annotations) &&
    annotations.some((each) => isRecord(each) && each['key'] === 'timeout' && each['value'] === true)
  const error = isRecord(result) ? result['error'] : null
  return marked || (typeof error === 'string' && error.startsWith('The action exceeded its time limits of '))
}

function parse(body: Buffer): unknown {
  try {
    return parseExact(body.toString())
  } catch {
    return null
  }
}
