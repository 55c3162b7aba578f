import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import type { Flow, Sink } from '../../gateway/contract/sink.ts'
import type { LambdaCall } from './call.ts'
import { serviceFailure } from './outcomes.ts'
import { WholeReading } from './whole-reading.ts'

const ERROR_BYTES = 65_536

/** Statuses with which the platform speaks for itself. */
const ITS_OWN = new Set([400, 403, 404, 413, 429, 500, 502, 503, 504])

/**
 * Passes the answer of a Function URL on. What the platform says in the place of the function has a type
 * (`x-amzn-errortype`), which answers of functions cannot have: Lambda gives such headers of theirs another name.
 */
export class UrlAnswer implements Sink {
  readonly #call: LambdaCall
  #refusal: WholeReading | null
  #over: boolean

  constructor(call: LambdaCall) {
    this.#call = call
    this.#refusal = null
    this.#over = false
  }

  start(flow: Flow): void {
    this.#call.flows(flow)
  }

  head(status: number, headers: HeaderList): void {
    const call = this.#call
    call.requestId = headers.get('x-amzn-requestid')
    const errorType = headers.get('x-amzn-errortype')
    if (errorType === null || !ITS_OWN.has(status)) {
      call.head(status, headers)
      return
    }
    const date = headers.get('date')
    this.#refusal = new WholeReading(call, ERROR_BYTES, true, (text) => {
      if (status === 403 && call.trySendAgain(date)) return
      const failure = serviceFailure(status, errorType, text)
      // A function that failed, or took too long, is a bad gateway to a Function URL.
      call.fail(status === 502 ? { outcome: 'function-error', detail: failure.detail } : failure)
    })
  }

  data(chunk: Buffer): void {
    if (this.#over) return
    if (this.#refusal === null) this.#call.data(chunk)
    else this.#refusal.data(chunk)
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    if (this.#refusal === null) this.#call.end()
    else this.#refusal.end()
  }

  fail(outcome: Outcome, detail: string): void {
    if (this.#over) return
    this.#over = true
    this.#call.fail({ outcome, detail })
  }
}
