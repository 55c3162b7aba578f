import { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import type { Flow, Sink } from '../../gateway/contract/sink.ts'
import type { LambdaCall } from './call.ts'
import { PAYLOAD_BYTES } from './event-body.ts'
import { functionFailure, serviceFailure } from './outcomes.ts'
import type { Reading } from './reading.ts'
import { readResult } from './result.ts'
import { StreamReading } from './stream-reading.ts'
import { WholeReading } from './whole-reading.ts'

/** Bytes of an error that are read. */
const ERROR_BYTES = 65_536

/** What Lambda writes around a result of 6 MiB. */
const MARGIN = 4096

/** Hears the answer of the service to one request and has it read the way that its head asks for. */
export class LambdaAnswer implements Sink {
  readonly #call: LambdaCall
  readonly #payload: 'v1' | 'v2' | 'raw'
  readonly #streaming: boolean
  #reading: Reading | null
  #over: boolean

  constructor(call: LambdaCall, payload: 'v1' | 'v2' | 'raw', streaming: boolean) {
    this.#call = call
    this.#payload = payload
    this.#streaming = streaming
    this.#reading = null
    this.#over = false
  }

  start(flow: Flow): void {
    this.#call.flows(flow)
  }

  head(status: number, headers: HeaderList): void {
    const call = this.#call
    call.requestId = headers.get('x-amzn-requestid')
    const tail = headers.get('x-amz-log-result')
    if (tail !== null) call.logTail(tail)
    const failed = headers.get('x-amz-function-error')
    if (status !== 200) this.#reading = this.#errorReading(status, headers)
    else if (failed !== null) {
      this.#reading = new WholeReading(call, ERROR_BYTES, true, (text) =>
        call.fail(functionFailure(failed, text)),
      )
    } else if (this.#streaming) this.#reading = new StreamReading(call, this.#payload !== 'raw')
    else if (this.#payload === 'raw') this.#passOn(headers)
    else this.#reading = this.#resultReading(this.#payload)
  }

  data(chunk: Buffer): void {
    if (this.#over) return
    if (this.#reading === null) this.#call.data(chunk)
    else this.#reading.data(chunk)
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    if (this.#reading === null) this.#call.end()
    else this.#reading.end()
  }

  fail(outcome: Outcome, detail: string): void {
    if (this.#over) return
    this.#over = true
    this.#call.fail({ outcome, detail })
  }

  #errorReading(status: number, headers: HeaderList): Reading {
    const call = this.#call
    const date = headers.get('date')
    const errorType = headers.get('x-amzn-errortype')
    const retryAfter = headers.get('retry-after')
    return new WholeReading(call, ERROR_BYTES, true, (text) => {
      const { outcome, detail } = serviceFailure(status, errorType, text)
      if (status === 403 && call.trySendAgain(date)) return
      call.fail({ outcome, detail: retryAfter === null ? detail : `${detail} · Retry-After ${retryAfter}` })
    })
  }

  #resultReading(format: 'v1' | 'v2'): Reading {
    const call = this.#call
    return new WholeReading(call, PAYLOAD_BYTES + MARGIN, false, (text) => {
      let result: ReturnType<typeof readResult>
      try {
        result = readResult(text, format)
      } catch (error) {
        call.fail({ outcome: 'function-error', detail: (error as Error).message })
        return
      }
      const { status, headers, body } = result
      if (status !== 204 && status !== 304) headers.add('content-length', String(body.length))
      call.head(status, headers)
      call.data(body)
      call.end()
    })
  }

  #passOn(headers: HeaderList): void {
    const passed = new HeaderList(['content-type', headers.get('content-type') ?? 'application/json'])
    const length = headers.get('content-length')
    if (length !== null) passed.add('content-length', length)
    this.#call.head(200, passed)
  }
}
