import { type BodyTaker, collectBody, dropBody } from '../../gateway/contract/collect-body.ts'
import type { Invocation } from '../../gateway/contract/driver.ts'
import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import type { Flow, Sink } from '../../gateway/contract/sink.ts'
import type { AnswerTaker } from '../../gateway/contract/whole-answer.ts'
import { actionPath } from './action-name.ts'
import { ActivationWatch, ask, type Namespace, type RecordTaker } from './activation-watch.ts'
import { parametersOf } from './parameters.ts'
import { render, sendRendered } from './result.ts'
import { judge, type Verdict } from './verdict.ts'

/** The platform takes and gives 1 MB. */
const MOST_BYTES = 1024 * 1024

/** Milliseconds that the platform waits for an action at most. */
const LONGEST_WAIT_MS = 60_000

/**
 * One call of an action: a blocking invocation, and when the platform stops waiting before the action is done, looks at
 * its activation until that is over. Who leaves before leaves the action running; its id is in the log then.
 */
export class ActivationCall implements Flow, BodyTaker, AnswerTaker, RecordTaker {
  readonly #namespace: Namespace
  readonly #invocation: Invocation
  readonly #sink: Sink
  #flow: Flow | null = null
  #watch: ActivationWatch | null = null
  #over = false

  constructor(namespace: Namespace, invocation: Invocation, sink: Sink) {
    this.#namespace = namespace
    this.#invocation = invocation
    this.#sink = sink
  }

  run(): void {
    const { body, bodyLength } = this.#invocation
    this.#sink.start(this)
    if (!this.#over) collectBody(body, bodyLength, MOST_BYTES, this)
  }

  /** The answer is small and comes at once: there is nothing to hold back. */
  pause(): void {}

  resume(): void {}

  abort(): void {
    if (this.#over) return
    this.#over = true
    this.#flow?.abort()
    this.#watch?.stop()
    dropBody(this.#invocation.body)
  }

  bodyTaken(body: Buffer): void {
    if (this.#over) return
    const { call, deployment } = this.#invocation
    const parameters = parametersOf(this.#invocation, body)
    if (parameters === null) {
      this.#fail('invalid-input', 'the caller sends a parameter whose name begins with __ow_')
      return
    }
    const bytes = Buffer.from(parameters)
    if (bytes.length > MOST_BYTES) {
      this.#fail('too-large', `the parameters have more than ${MOST_BYTES} bytes`)
      return
    }
    const timeout = Math.max(1, Math.min(LONGEST_WAIT_MS, Math.floor(this.#invocation.remainingMs())))
    const path = `/actions/${actionPath(deployment.name)}?blocking=true&result=false&timeout=${timeout}`
    ask(this.#namespace, call.id, { method: 'POST', path, body: bytes }, this)
  }

  bodyRefused(outcome: Outcome, detail: string): void {
    this.#fail(outcome, detail)
  }

  answerStarted(flow: Flow): void {
    this.#flow = flow
  }

  answerTaken(status: number, headers: HeaderList, body: Buffer): void {
    if (!this.#over) this.#conclude(judge(status, headers, body, render))
  }

  answerFailed(outcome: Outcome, detail: string): void {
    this.#fail(outcome, detail)
  }

  recordTaken(status: number, headers: HeaderList, body: Buffer): void {
    if (!this.#over) this.#conclude(judge(status, headers, body, render))
  }

  recordUnreadable(outcome: Outcome, detail: string): void {
    this.#fail(outcome, detail)
  }

  #conclude(verdict: Verdict): void {
    const { call, method } = this.#invocation
    if ('answer' in verdict) {
      this.#over = true
      sendRendered(this.#sink, verdict.answer, verdict.activationId, method === 'HEAD')
    } else if ('goesOn' in verdict) {
      this.#watch = new ActivationWatch(this.#namespace, call.id, verdict.goesOn, this)
      this.#watch.begin()
    } else {
      this.#fail(verdict.outcome, verdict.detail)
    }
  }

  #fail(outcome: Outcome, detail: string): void {
    if (this.#over) return
    this.#over = true
    this.#sink.fail(outcome, detail)
  }
}
