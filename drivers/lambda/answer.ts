import { HeaderList } from '../../gateway/contract/headers.ts'
import type { LambdaCall } from './call.ts'
import { CallAnswer, ERROR_BYTES } from './call-answer.ts'
import { PAYLOAD_BYTES } from './event-body.ts'
import { functionFailure } from './outcomes.ts'
import type { Reading } from './reading.ts'
import { readResult } from './result.ts'
import { StreamReading } from './stream-reading.ts'
import { WholeReading } from './whole-reading.ts'

/** What Lambda writes around a result of 6 MiB. */
const MARGIN = 4096

/** Reads the answer of the API to an invocation the way that its head asks for. */
export class LambdaAnswer extends CallAnswer {
  readonly #payload: 'v1' | 'v2' | 'raw'
  readonly #streaming: boolean

  constructor(call: LambdaCall, payload: 'v1' | 'v2' | 'raw', streaming: boolean) {
    super(call)
    this.#payload = payload
    this.#streaming = streaming
  }

  protected override readingOf(status: number, headers: HeaderList): Reading | null {
    const { call } = this
    const tail = headers.get('x-amz-log-result')
    if (tail !== null) call.logTail(tail)
    if (status !== 200) return this.refusalReading(status, headers)
    const failed = headers.get('x-amz-function-error')
    if (failed !== null) {
      return new WholeReading(call, ERROR_BYTES, true, (text) => call.fail(functionFailure(failed, text)))
    }
    if (this.#streaming) return new StreamReading(call, this.#payload !== 'raw')
    if (this.#payload !== 'raw') return this.#resultReading(this.#payload)
    this.#passOn(headers)
    return null
  }

  #resultReading(format: 'v1' | 'v2'): Reading {
    const { call } = this
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
    this.call.head(200, passed)
  }
}
