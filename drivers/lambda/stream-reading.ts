import { HeaderList } from '../../gateway/contract/headers.ts'
import { EventStream, type StreamMessage } from './event-stream.ts'
import { functionFailure, streamFailure } from './outcomes.ts'
import type { AnswerTarget, Reading } from './reading.ts'
import { isObject, readHead } from './result.ts'
import { type StreamedHead, StreamedHeadReader } from './streamed-head.ts'

const BYTES = 'application/octet-stream'

/**
 * Reads the answer to InvokeWithResponseStream. It is whole only with `InvokeComplete`, which also says whether the
 * function failed: a stream that ends without it was cut, whatever HTTP says.
 */
export class StreamReading implements Reading {
  readonly #target: AnswerTarget
  readonly #stream: EventStream
  /** Until the head of the answer is known. */
  #headReader: StreamedHeadReader | null
  #started: boolean
  #over: boolean

  /** @param wantsHead True when the stream may begin with the head of an answer; false for bytes as they are. */
  constructor(target: AnswerTarget, wantsHead: boolean) {
    this.#target = target
    this.#stream = new EventStream()
    this.#headReader = wantsHead ? new StreamedHeadReader() : null
    this.#started = false
    this.#over = false
  }

  data(chunk: Buffer): void {
    this.#stream.push(chunk)
    try {
      while (!this.#over) {
        const message = this.#stream.next()
        if (message === null) return
        this.#take(message)
      }
    } catch (error) {
      this.#fail('malformed', (error as Error).message)
    }
  }

  end(): void {
    if (this.#over) return
    const where = this.#stream.rest > 0 ? 'within a message' : 'without InvokeComplete'
    this.#fail('reset', `the stream of Lambda ended ${where}`)
  }

  /** Events of a kind that is not known are passed over, as the SDK does. */
  #take({ headers, payload }: StreamMessage): void {
    const kind = headers.get(':message-type')
    if (kind === 'event') {
      const type = headers.get(':event-type')
      if (type === 'PayloadChunk') this.#payload(payload)
      else if (type === 'InvokeComplete') this.#complete(payload.toString())
    } else if (kind === 'exception' || kind === 'error') {
      const name = headers.get(':exception-type') ?? headers.get(':error-code') ?? ''
      const { outcome, detail } = streamFailure(name, payload.toString())
      this.#fail(outcome, detail)
    }
  }

  #payload(chunk: Buffer): void {
    if (chunk.length === 0) return
    if (this.#started) this.#target.data(chunk)
    else if (this.#headReader === null) this.#begin({ kind: 'body', rest: chunk })
    else {
      const found = this.#headReader.push(chunk)
      if (found !== null) this.#begin(found)
    }
  }

  #begin(found: StreamedHead): void {
    if (found.kind === 'body') {
      this.#started = true
      this.#target.head(200, new HeaderList(['content-type', BYTES]))
    } else if (!this.#beginWith(found.json)) {
      return
    }
    this.#headReader = null
    if (found.rest.length > 0) this.#target.data(found.rest)
  }

  /** False when the attempt has failed. */
  #beginWith(json: string): boolean {
    try {
      const value: unknown = JSON.parse(json)
      if (!isObject(value)) throw new Error('it is no object')
      const { status, headers } = readHead(value)
      if (status !== 204 && status !== 304 && !headers.has('content-type')) headers.add('content-type', BYTES)
      this.#started = true
      this.#target.head(status, headers)
      return true
    } catch (error) {
      this.#fail('function-error', `the head of the streamed answer: ${(error as Error).message}`)
      return false
    }
  }

  #complete(text: string): void {
    const said = readComplete(text)
    if (said.logResult !== '') this.#target.logTail(said.logResult)
    if (said.errorCode !== '') {
      const { outcome, detail } = functionFailure(said.errorCode, said.errorDetails)
      this.#fail(outcome, detail)
      return
    }
    if (!this.#started) this.#begin(this.#headReader?.over() ?? { kind: 'body', rest: Buffer.alloc(0) })
    if (this.#over) return
    this.#over = true
    this.#target.end()
  }

  #fail(outcome: Parameters<AnswerTarget['fail']>[0]['outcome'], detail: string): void {
    this.#over = true
    this.#target.fail({ outcome, detail })
  }
}

interface Complete {
  readonly errorCode: string
  readonly errorDetails: string
  readonly logResult: string
}

/** @throws SyntaxError When it is not JSON. */
function readComplete(text: string): Complete {
  const value: unknown = text === '' ? {} : JSON.parse(text)
  const fields = isObject(value) ? value : {}
  const textOf = (name: string): string => (typeof fields[name] === 'string' ? (fields[name] as string) : '')
  return {
    errorCode: textOf('ErrorCode'),
    errorDetails: textOf('ErrorDetails'),
    logResult: textOf('LogResult'),
  }
}
