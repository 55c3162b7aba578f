import { type BodyTaker, collectBody } from '../../gateway/contract/collect-body.ts'
import type { Invocation } from '../../gateway/contract/driver.ts'
import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import type { Log } from '../../gateway/contract/plugin.ts'
import type { Flow, Sink } from '../../gateway/contract/sink.ts'
import type { Transport } from '../../gateway/contract/transport.ts'
import { type AnswerTaker, WholeAnswer } from '../../gateway/contract/whole-answer.ts'
import { actionPath } from './action-name.ts'
import { parametersOf } from './parameters.ts'
import type { Rendered } from './result.ts'
import { judge } from './verdict.ts'

/** The platform takes and gives 1 MB; a record also holds up to 10 MB of logs. */
const MOST_BYTES = 1024 * 1024
const MOST_RECORD_BYTES = 16 * 1024 * 1024

/** Milliseconds that the platform waits for an action at most. */
const LONGEST_WAIT_MS = 60_000

/** Milliseconds before the first look at an activation, and the most between two. */
const FIRST_LOOK_MS = 250
const LATEST_LOOK_MS = 2000

/** Where a platform is asked, and by whom. */
export interface Namespace {
  readonly transport: Transport
  readonly log: Log
  readonly origin: string
  /** Path of the namespace in the API. */
  readonly base: string
  /** `Basic …`. */
  readonly authorization: string
}

/**
 * One call of an action: a blocking invocation, and when the platform stops waiting before the action is done, looks at
 * its activation until that is over. Who leaves before leaves the action running; its id is in the log then.
 */
export class ActivationCall implements Flow, BodyTaker, AnswerTaker {
  readonly #namespace: Namespace
  readonly #invocation: Invocation
  readonly #sink: Sink
  #flow: Flow | null = null
  #activationId: string | null = null
  #timer: NodeJS.Timeout | undefined
  #nextLookMs = FIRST_LOOK_MS
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
    clearTimeout(this.#timer)
    this.#flow?.abort()
    const { body, call } = this.#invocation
    if (body !== null && !Buffer.isBuffer(body)) body.destroy()
    if (this.#activationId !== null) {
      const fields = { id: call.id, activation: this.#activationId }
      this.#namespace.log.warn(fields, 'an activation goes on that nobody waits for any more')
    }
  }

  bodyTaken(body: Buffer): void {
    if (this.#over) return
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
    const action = actionPath(this.#invocation.deployment.name)
    const timeout = Math.max(1, Math.min(LONGEST_WAIT_MS, Math.floor(this.#invocation.remainingMs())))
    this.#ask('POST', `/actions/${action}?blocking=true&result=false&timeout=${timeout}`, bytes)
  }

  bodyRefused(outcome: Outcome, detail: string): void {
    this.#fail(outcome, detail)
  }

  answerStarted(flow: Flow): void {
    this.#flow = flow
  }

  answerTaken(status: number, headers: HeaderList, body: Buffer): void {
    if (this.#over) return
    if (this.#activationId !== null && status !== 200) {
      this.#lookLater()
      return
    }
    const verdict = judge(status, headers, body)
    if ('answer' in verdict) {
      this.#answer(verdict.answer, verdict.activationId)
    } else if ('goesOn' in verdict) {
      this.#activationId = verdict.goesOn
      this.#lookLater()
    } else {
      this.#fail(verdict.outcome, verdict.detail)
    }
  }

  /** Not to hear of an activation for a while does not end it. */
  answerFailed(outcome: Outcome, detail: string): void {
    if (this.#over) return
    if (this.#activationId === null || outcome === 'function-error') this.#fail(outcome, detail)
    else this.#lookLater()
  }

  #lookLater(): void {
    this.#timer = setTimeout(
      () => this.#ask('GET', `/activations/${this.#activationId}`, null),
      this.#nextLookMs,
    )
    this.#nextLookMs = Math.min(LATEST_LOOK_MS, this.#nextLookMs * 1.5)
  }

  #ask(method: string, path: string, body: Buffer | null): void {
    const { transport, origin, base, authorization } = this.#namespace
    const headers = ['authorization', authorization, 'accept', 'application/json']
    // The platform takes it for its own transaction.
    headers.push('x-request-id', this.#invocation.call.id)
    if (body !== null) headers.push('content-type', 'application/json')
    const answer = new WholeAnswer(this, MOST_RECORD_BYTES)
    const bodyLength = body?.length ?? 0
    transport.send({ origin, method, path: base + path, headers, body, bodyLength }, answer)
  }

  #answer({ status, headers, body }: Rendered, activationId: string | null): void {
    this.#over = true
    if (status !== 204 && status !== 304) headers.set('content-length', String(body.length))
    if (activationId !== null) headers.set('x-openwhisk-activation-id', activationId)
    this.#sink.head(status, headers)
    if (body.length > 0 && this.#invocation.method !== 'HEAD') this.#sink.data(body)
    this.#sink.end()
  }

  #fail(outcome: Outcome, detail: string): void {
    if (this.#over) return
    this.#over = true
    this.#sink.fail(outcome, detail)
  }
}
