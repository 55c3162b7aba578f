import type { HeaderList } from '../../gateway/contract/headers.ts'
import { CallAnswer } from './call-answer.ts'
import type { Failure } from './outcomes.ts'
import type { Reading } from './reading.ts'

/** Statuses with which the platform speaks for itself. */
const ITS_OWN = new Set([400, 403, 404, 413, 429, 500, 502, 503, 504])

/**
 * Passes the answer of a Function URL on. What the platform says in the place of the function has a type
 * (`x-amzn-errortype`), which answers of functions cannot have: Lambda gives such headers of theirs another name.
 */
export class UrlAnswer extends CallAnswer {
  protected override readingOf(status: number, headers: HeaderList): Reading | null {
    if (headers.has('x-amzn-errortype') && ITS_OWN.has(status)) return this.refusalReading(status, headers)
    this.call.head(status, headers)
    return null
  }

  /** A function that failed, or took too long, is a bad gateway to a Function URL. */
  protected override refused(status: number, failure: Failure): Failure {
    return status === 502 ? { outcome: 'function-error', detail: failure.detail } : failure
  }
}
