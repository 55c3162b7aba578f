import { ERRORS, type ErrorCode } from './errors.ts'

/**
 * A refusal that the gateway decided: a value built at load, never an exception. The problem document
 * (RFC 9457) is made from it when it is sent, because that carries the id of the request.
 */
export class Rejection {
  readonly code: ErrorCode
  readonly status: number
  /** Tells this caller what was wrong. Never holds a secret, an address of a backend or a token. */
  readonly detail: string
  /** Extra headers of the answer, lower-case name and value in turn. */
  readonly headers: readonly string[]
  /** Tells the operator, in the log only, what the caller may not learn. Never a secret or a token either. */
  readonly reason: string

  constructor(code: ErrorCode, detail = '', headers: readonly string[] = [], reason = '') {
    this.code = code
    this.status = ERRORS[code].status
    this.detail = detail
    this.headers = headers
    this.reason = reason
  }
}

/** A complete answer that a plugin gives itself, for example to a CORS preflight. */
export class Reply {
  readonly status: number
  /** Lower-case name and value in turn. */
  readonly headers: readonly string[]
  readonly body: string

  constructor(status: number, headers: readonly string[], body = '') {
    this.status = status
    this.headers = headers
    this.body = body
  }
}

/** What an access step says: nothing to pass, a refusal, an answer of its own; a promise only when it must wait. */
export type Verdict = undefined | Rejection | Reply | Promise<undefined | Rejection | Reply>
