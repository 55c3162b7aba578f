import { type BodyTaker, collectBody, dropBody } from '../../gateway/contract/collect-body.ts'
import type { Invocation } from '../../gateway/contract/driver.ts'
import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import type { Flow, Sink } from '../../gateway/contract/sink.ts'
import type { Body } from '../../gateway/contract/transport.ts'
import { PAYLOAD_BYTES } from './event-body.ts'
import { type Failure, tooLarge } from './outcomes.ts'
import type { AnswerTarget } from './reading.ts'

/** What a call needs of its invoker. */
export interface CallHost {
  /** False where a body may be sent while it still arrives: it need not be signed. */
  readonly collects: boolean
  /** What is sent for a request; null for an empty body. */
  eventOf(invocation: Invocation, body: Buffer | null): Buffer | null
  /** Sends, with the call as the receiver of the answer; the failure that keeps it from being sent, or null. */
  send(invocation: Invocation, event: Body, call: LambdaCall): Failure | null
  /** Milliseconds by which the clock of AWS is ahead of ours, as far as is known: signatures are made by it. */
  readonly skewMs: number
  /** As `RequestSigner.adjust`. */
  adjustClock(date: string | null, signedSkewMs: number): boolean
  /** Takes what a platform said in the place of an answer, for the pace of the calls that follow. */
  ended(invocation: Invocation, failure: Failure | null): void
  logTail(invocation: Invocation, requestId: string | null, encoded: string): void
}

/** One attempt: collects the body, has the event sent, and passes the answer on in the form of HTTP. */
export class LambdaCall implements Flow, BodyTaker, AnswerTarget {
  readonly #invocation: Invocation
  readonly #sink: Sink
  readonly #host: CallHost
  #collecting: boolean
  #event: Body
  #flow: Flow | null
  #paused: boolean
  /** The answer has no body, whatever the function says. */
  #bodiless: boolean
  #resent: boolean
  /** By which the request was signed. */
  #skewMs: number
  #over: boolean
  /** Of the request at AWS; null before its answer. */
  requestId: string | null

  constructor(invocation: Invocation, sink: Sink, host: CallHost) {
    this.#invocation = invocation
    this.#sink = sink
    this.#host = host
    this.#collecting = false
    this.#event = null
    this.#flow = null
    this.#paused = false
    this.#bodiless = invocation.method === 'HEAD'
    this.#resent = false
    this.#skewMs = 0
    this.#over = false
    this.requestId = null
  }

  begin(): void {
    const { body, bodyLength } = this.#invocation
    this.#sink.start(this)
    if (this.#over) return
    if (!this.#host.collects && bodyLength <= PAYLOAD_BYTES) {
      this.#event = body
      this.#send()
    } else {
      this.#collecting = true
      collectBody(body, bodyLength, PAYLOAD_BYTES, this)
    }
  }

  bodyTaken(body: Buffer): void {
    this.#collecting = false
    if (this.#over) return
    const event = this.#host.eventOf(this.#invocation, body.length === 0 ? null : body)
    const bytes = event?.length ?? 0
    this.#event = event
    if (bytes > PAYLOAD_BYTES) this.fail(tooLarge(bytes, PAYLOAD_BYTES))
    else this.#send()
  }

  bodyRefused(outcome: Outcome, detail: string): void {
    dropBody(this.#invocation.body)
    this.fail({ outcome, detail })
  }

  /** Sends the event once more, signed by the clock of AWS. False when that would not help. */
  trySendAgain(date: string | null): boolean {
    if (this.#resent || this.#over || !this.#host.adjustClock(date, this.#skewMs)) return false
    this.#resent = true
    this.#send()
    return true
  }

  pause(): void {
    this.#paused = true
    this.#flow?.pause()
  }

  resume(): void {
    this.#paused = false
    this.#flow?.resume()
  }

  abort(): void {
    if (this.#over) return
    this.#over = true
    if (this.#collecting) dropBody(this.#invocation.body)
    this.#flow?.abort()
  }

  /** The transport begins. */
  flows(flow: Flow): void {
    this.#flow = flow
    if (this.#over) flow.abort()
    else if (this.#paused) flow.pause()
  }

  head(status: number, headers: HeaderList): void {
    if (this.#over) return
    this.#bodiless ||= status === 204 || status === 304
    this.#sink.head(status, headers)
  }

  data(chunk: Buffer): void {
    if (!this.#over && !this.#bodiless && chunk.length > 0) this.#sink.data(chunk)
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    this.#host.ended(this.#invocation, null)
    this.#sink.end()
  }

  fail(failure: Failure): void {
    if (this.#over) return
    this.#over = true
    this.#flow?.abort()
    this.#host.ended(this.#invocation, failure)
    this.#sink.fail(failure.outcome, failure.detail, failure.retryAfterMs)
  }

  logTail(encoded: string): void {
    this.#host.logTail(this.#invocation, this.requestId, encoded)
  }

  #send(): void {
    this.#skewMs = this.#host.skewMs
    const refusal = this.#host.send(this.#invocation, this.#event, this)
    if (refusal !== null) this.fail(refusal)
  }
}
