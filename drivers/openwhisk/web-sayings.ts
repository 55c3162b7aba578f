import type { HeaderList } from '../../gateway/contract/headers.ts'
import { ANYTHING, type AnswerHead, Sayings } from '../support/saying.ts'
import { PER_MINUTE, TOO_FAST } from './verdict.ts'

/** Whatever an action had a part in names its activation. */
const isRefusal = ({ headers }: AnswerHead) => !headers.has('x-openwhisk-activation-id')
const isActivation = (head: AnswerHead) => !isRefusal(head)

const refusal = (
  status: number,
  outcome: 'not-found' | 'denied' | 'overloaded' | 'too-large',
  detail: string,
) => ({ status, fits: isRefusal, body: ANYTHING, prefix: '', outcome, detail }) as const

/** It failed, or gave what no answer can be made of. */
const FAILURES = [
  'There was an error processing your request.',
  "Response is not valid 'message/http'.",
  'Response type in header did not match generated content type.',
]

const CODE = '"code":\\s*"[^"]*"'

/**
 * An error of the controller about an activation: its text and the id of the transaction, which the head has too. So an
 * answer to HEAD is told by its length.
 */
const said = (text: string) => ({
  fits: isActivation,
  body: new RegExp(
    `^\\{\\s*(?:${CODE},\\s*)?"error":\\s*"${text.replaceAll('.', '\\.')}"(?:,\\s*${CODE})?\\s*\\}\\s*$`,
  ),
  prefix: '{',
  length(_nameLength: number, headers: HeaderList): number {
    const code = headers.get('x-request-id')
    const isJson = headers.get('content-type')?.startsWith('application/json') === true
    return code !== null && isJson ? JSON.stringify({ error: text, code }).length : -1
  },
})

/** What OpenWhisk says in the place of a web action (controller, WebActions.scala). */
export const WEB_SAYINGS = new Sayings([
  refusal(401, 'denied', 'the platform refuses the secret of the action'),
  refusal(404, 'not-found', 'the platform knows no web action of that name'),
  refusal(413, 'too-large', 'the platform takes no body of this size'),
  { ...refusal(429, 'overloaded', ''), body: new RegExp(PER_MINUTE), ...TOO_FAST },
  refusal(429, 'overloaded', 'the namespace has as many calls as it may'),
  refusal(503, 'overloaded', 'the platform cannot place the call'),
  // Not the fault of the client, whatever the status says.
  ...FAILURES.map(
    (text) =>
      ({ ...said(text), status: 400, outcome: 'function-error', detail: 'the action failed' }) as const,
  ),
  {
    ...said('Response not yet ready.'),
    status: 202,
    outcome: 'timeout',
    detail: 'the platform waits no longer; the activation goes on',
  },
])
