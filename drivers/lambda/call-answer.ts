import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import type { Flow, Sink } from '../../gateway/contract/sink.ts'
import type { LambdaCall } from './call.ts'
import { type Failure, serviceFailure } from './outcomes.ts'
import type { Reading } from './reading.ts'
import { WholeReading } from './whole-reading.ts'

/** Bytes of an error that are read. */
export const ERROR_BYTES = 65_536

/** Hears the answer to one request of a call. Its head decides who reads what follows. */
export abstract class CallAnswer implements Sink {
  protected readonly call: LambdaCall
  #reading: Reading | null
  #over: boolean

  constructor(call: LambdaCall) {
    this.call = call
    this.#reading = null
    this.#over = false
  }

  start(flow: Flow): void {
    this.call.flows(flow)
  }

  head(status: number, headers: HeaderList): void {
    this.call.requestId = headers.get('x-amzn-requestid')
    this.#reading = this.readingOf(status, headers)
  }

  data(chunk: Buffer): void {
    if (this.#over) return
    if (this.#reading === null) this.call.data(chunk)
    else this.#reading.data(chunk)
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    if (this.#reading === null) this.call.end()
    else this.#reading.end()
  }

  fail(outcome: Outcome, detail: string): void {
    if (this.#over) return
    this.#over = true
    this.call.fail({ outcome, detail })
  }

  /** Who reads the body; null when the head was passed on and the body follows it as it is. */
  protected abstract readingOf(status: number, headers: HeaderList): Reading | null

  /** What a refusal of the service means here. */
  protected refused(_status: number, failure: Failure): Failure {
    return failure
  }

  /** Reads what the service says in the place of the function; a signature that a wrong clock spoiled is made anew. */
  protected refusalReading(status: number, headers: HeaderList): Reading {
    const { call } = this
    const date = headers.get('date')
    const errorType = headers.get('x-amzn-errortype')
    const retryAfter = headers.get('retry-after')
    return new WholeReading(call, ERROR_BYTES, true, (text) => {
      if (status === 403 && call.trySendAgain(date)) return
      const { outcome, detail } = this.refused(status, serviceFailure(status, errorType, text))
      if (retryAfter === null) call.fail({ outcome, detail })
      else
        call.fail({
          outcome,
          detail: `${detail} · Retry-After ${retryAfter}`,
          retryAfterMs: readRetryAfter(retryAfter),
        })
    })
  }
}

/** Seconds, as Lambda says them; 0 for anything else. */
function readRetryAfter(value: string): number {
  return /^\d{1,6}$/.test(value) ? Number(value) * 1000 : 0
}
