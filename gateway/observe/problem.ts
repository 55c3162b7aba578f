import { ERRORS, type ErrorCode } from '../contract/errors.ts'

/** Media type of every error body (RFC 9457, section 6.1). */
export const PROBLEM_TYPE = 'application/problem+json'

const LONGEST_DETAIL = 1024

export interface ProblemFacts {
  /** What was wrong with this request; the table's `help` when empty. Never a secret, an address or a stack. */
  readonly detail: string
  readonly requestId: string
  /** Tries to have the function serve the call; 0 when the gateway refused before. */
  readonly attempts: number
}

/**
 * The problem document (RFC 9457) of a code, as JSON. Everything that depends on the code alone was built at load,
 * because refusals are what an attacker asks for most.
 */
export function problemBody(code: ErrorCode, facts: ProblemFacts): string {
  const constant = CONSTANTS[code]
  const detail = facts.detail === '' ? constant.help : JSON.stringify(facts.detail.slice(0, LONGEST_DETAIL))
  const requestId = JSON.stringify(facts.requestId)
  return `${constant.head},"detail":${detail},"attempts":${facts.attempts},"requestId":${requestId}}`
}

interface Constant {
  /** The object up to the members that differ between requests, not closed. */
  readonly head: string
  /** JSON string of the row's `help`. */
  readonly help: string
}

const CONSTANTS = Object.fromEntries(
  (Object.keys(ERRORS) as ErrorCode[]).map((code) => [code, constantOf(code)]),
) as Record<ErrorCode, Constant>

function constantOf(code: ErrorCode): Constant {
  const { status, title, component, help } = ERRORS[code]
  const members = {
    type: `urn:dispatch:error:${code}`,
    title,
    ...(status > 0 && { status }),
    code,
    component,
  }
  return { head: JSON.stringify(members).slice(0, -1), help: JSON.stringify(help) }
}
