import type { ServerResponse } from 'node:http'
import { invokeComplete, payloadChunk } from './lambda-frames.ts'
import { answer } from './lambda-words.ts'

const LOG = Buffer.from('START RequestId: 1\nthe last line\n').toString('base64')

/** How a function answers, by what its runtime would tell the service. */
export interface Replies {
  readonly response: ServerResponse
  readonly streaming: boolean
  /** A whole result. */
  result(text: string): void
  /** Head of a streamed answer, in front of its body. */
  head(head: object): void
  /** A piece of a streamed answer. False when the caller takes no more for now: wait for `drain` of the response. */
  write(chunk: Buffer | string): boolean
  end(): void
  /** The function failed. */
  fail(error: object): void
}

/** The answers of the service to one call. */
export class PlatformReplies implements Replies {
  readonly response: ServerResponse
  readonly streaming: boolean
  readonly #wantsLog: boolean

  constructor(response: ServerResponse, streaming: boolean, wantsLog: boolean) {
    this.response = response
    this.streaming = streaming
    this.#wantsLog = wantsLog
  }

  result(text: string): void {
    if (this.streaming) {
      this.write(text)
      this.end()
    } else {
      if (this.#wantsLog) this.response.setHeader('X-Amz-Log-Result', LOG)
      answer(this.response, 200, text)
    }
  }

  head(head: object): void {
    this.write(`${JSON.stringify(head)}${'\0'.repeat(8)}`)
  }

  write(chunk: Buffer | string): boolean {
    this.#begin()
    return this.response.write(payloadChunk(chunk))
  }

  end(): void {
    this.#begin()
    this.response.end(invokeComplete(this.#wantsLog ? { LogResult: LOG } : {}))
  }

  fail(error: object): void {
    const text = JSON.stringify(error)
    if (this.streaming) {
      this.#begin()
      this.response.end(invokeComplete({ ErrorCode: 'Unhandled', ErrorDetails: text }))
      return
    }
    this.response.setHeader('X-Amz-Function-Error', 'Unhandled')
    answer(this.response, 200, text)
  }

  #begin(): void {
    if (this.response.headersSent) return
    this.response.writeHead(200, { 'Content-Type': 'application/vnd.amazon.eventstream' })
    this.response.flushHeaders()
  }
}
