import type { HeaderList } from './headers.ts'
import type { Outcome } from './outcome.ts'
import type { Flow, Sink } from './sink.ts'

export interface AnswerTaker {
  answerStarted(flow: Flow): void
  /** The whole answer; once. */
  answerTaken(status: number, headers: HeaderList, body: Buffer): void
  /** In the place of the other; once. @param retryAfterMs As in `Sink.fail`. */
  answerFailed(outcome: Outcome, detail: string, retryAfterMs: number): void
}

/** Takes an answer whole, for platforms that wrap what the function said into a document. */
export class WholeAnswer implements Sink {
  readonly #taker: AnswerTaker
  readonly #limitBytes: number
  #flow: Flow | null
  #status: number
  #headers: HeaderList | null
  #chunks: Buffer[]
  #size: number
  #over: boolean

  /** @param limitBytes More is the failure of the function. */
  constructor(taker: AnswerTaker, limitBytes: number) {
    this.#taker = taker
    this.#limitBytes = limitBytes
    this.#flow = null
    this.#status = 0
    this.#headers = null
    this.#chunks = []
    this.#size = 0
    this.#over = false
  }

  start(flow: Flow): void {
    this.#flow = flow
    this.#taker.answerStarted(flow)
  }

  head(status: number, headers: HeaderList): void {
    this.#status = status
    this.#headers = headers
  }

  data(chunk: Buffer): void {
    if (this.#over) return
    this.#size += chunk.length
    if (this.#size <= this.#limitBytes) {
      this.#chunks.push(chunk)
      return
    }
    this.#over = true
    this.#chunks = []
    this.#flow?.abort()
    this.#taker.answerFailed('function-error', `the answer has more than ${this.#limitBytes} bytes`, 0)
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    this.#taker.answerTaken(this.#status, this.#headers!, Buffer.concat(this.#chunks))
  }

  fail(outcome: Outcome, detail: string, retryAfterMs = 0): void {
    if (this.#over) return
    this.#over = true
    this.#taker.answerFailed(outcome, detail, retryAfterMs)
  }
}
