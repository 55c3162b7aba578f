import type { Invocation } from '../../gateway/contract/driver.ts'
import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import type { Flow, Sink } from '../../gateway/contract/sink.ts'
import { ActivationWatch, type Namespace, type RecordTaker } from './activation-watch.ts'
import { renderWeb, sendRendered } from './result.ts'
import { judge } from './verdict.ts'

/**
 * Stands between a web action's answer and its receiver. When the platform stops waiting for the action, its activation is
 * looked at until that is over, and what it gave becomes the answer that the platform would have made of it.
 */
export class WebCall implements Sink, Flow, RecordTaker {
  readonly #namespace: Namespace
  readonly #invocation: Invocation
  readonly #sink: Sink
  #flow: Flow | null
  #watch: ActivationWatch | null
  #over: boolean

  constructor(namespace: Namespace, invocation: Invocation, sink: Sink) {
    this.#namespace = namespace
    this.#invocation = invocation
    this.#sink = sink
    this.#flow = null
    this.#watch = null
    this.#over = false
  }

  /** The platform waits no longer; in the place of an answer. */
  follow(activationId: string): void {
    if (this.#over) return
    this.#flow = null
    this.#watch = new ActivationWatch(this.#namespace, this.#invocation.call.id, activationId, this)
    this.#watch.begin()
  }

  start(flow: Flow): void {
    this.#flow = flow
    this.#sink.start(this)
    if (this.#over) flow.abort()
  }

  head(status: number, headers: HeaderList): void {
    if (!this.#over) this.#sink.head(status, headers)
  }

  data(chunk: Buffer): void {
    if (!this.#over) this.#sink.data(chunk)
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    this.#sink.end()
  }

  fail(outcome: Outcome, detail: string): void {
    if (this.#over) return
    this.#over = true
    this.#sink.fail(outcome, detail)
  }

  pause(): void {
    this.#flow?.pause()
  }

  resume(): void {
    this.#flow?.resume()
  }

  abort(): void {
    if (this.#over) return
    this.#over = true
    this.#flow?.abort()
    this.#watch?.stop()
  }

  recordTaken(status: number, headers: HeaderList, body: Buffer): void {
    if (this.#over) return
    const verdict = judge(status, headers, body, renderWeb)
    if ('answer' in verdict) {
      this.#over = true
      sendRendered(this.#sink, verdict.answer, verdict.activationId, this.#invocation.method === 'HEAD')
    } else if ('outcome' in verdict) {
      this.fail(verdict.outcome, verdict.detail)
    } else {
      this.fail('malformed', 'the platform answers with no record')
    }
  }

  recordUnreadable(outcome: Outcome, detail: string): void {
    this.fail(outcome, detail)
  }
}
