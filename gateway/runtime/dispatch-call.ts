import type { Call } from '../contract/call.ts'
import { type BodyTaker, collectBody, dropBody } from '../contract/collect-body.ts'
import type { DeploymentFacts, Invocation, Invoker } from '../contract/driver.ts'
import { HeaderList } from '../contract/headers.ts'
import type { Outcome } from '../contract/outcome.ts'
import type { Log } from '../contract/plugin.ts'
import type { Flow, Sink } from '../contract/sink.ts'
import { type AnswerTaker, WholeAnswer } from '../contract/whole-answer.ts'
import { PROBLEM_TYPE, problemBody } from '../observe/problem.ts'
import { NoPayload, payloadOf } from './dispatch-payload.ts'
import { type DispatchError, readReply } from './dispatch-reply.ts'

/** Bytes of a payload, and of a reply. */
const MOST_BYTES = 8 * 1024 * 1024

/** Of the client's headers, those that a function may see: none that could hold a credential. */
const SHOWN = new Set(
  'accept accept-language content-type host idempotency-key traceparent tracestate user-agent x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto x-request-id'.split(
    ' ',
  ),
)

/** They speak of a body that the function does not get, or of an answer that it does not give. */
const OF_THE_MESSAGE =
  'accept accept-encoding content-type content-encoding content-language if-match if-none-match if-modified-since if-unmodified-since if-range range'.split(
    ' ',
  )

/** What the runtime of a function says when its time was over. */
const TOO_LATE = /exceeded (?:the )?timeout$/

/**
 * One attempt to have a function of the Function Runtime API serve a call: to its driver an invocation like any other,
 * `POST /` with `{context, payload}`; its reply becomes the answer.
 */
export class DispatchCall implements Invocation, Flow, BodyTaker, AnswerTaker {
  readonly call: Call
  readonly deployment: DeploymentFacts
  readonly attempt: number
  readonly method = 'POST'
  readonly path = '/'
  readonly headers: HeaderList
  body: Buffer
  bodyLength: number
  readonly #invoker: Invoker
  readonly #log: Log
  readonly #invocation: Invocation
  readonly #sink: Sink
  #flow: Flow | null
  #over: boolean

  constructor(invoker: Invoker, log: Log, invocation: Invocation, sink: Sink) {
    this.call = invocation.call
    this.deployment = invocation.deployment
    this.attempt = invocation.attempt
    this.headers = new HeaderList(invocation.headers.flat.slice())
    this.body = Buffer.alloc(0)
    this.bodyLength = 0
    this.#invoker = invoker
    this.#log = log
    this.#invocation = invocation
    this.#sink = sink
    this.#flow = null
    this.#over = false
  }

  run(): void {
    const { body, bodyLength } = this.#invocation
    this.#sink.start(this)
    if (!this.#over) collectBody(body, bodyLength, MOST_BYTES, this)
  }

  remainingMs(): number {
    return this.#invocation.remainingMs()
  }

  /** A reply is whole before anything of it is passed on. */
  pause(): void {}

  resume(): void {}

  abort(): void {
    if (this.#over) return
    this.#over = true
    this.#flow?.abort()
    dropBody(this.#invocation.body)
  }

  bodyTaken(body: Buffer): void {
    if (this.#over) return
    const { method, path, headers } = this.#invocation
    try {
      this.body = Buffer.from(
        `{"context":${this.#context()},"payload":${payloadOf(method, path, headers, body)}}`,
      )
    } catch (error) {
      if (!(error instanceof NoPayload)) throw error
      this.#fail('invalid-input', error.message)
      return
    }
    this.bodyLength = this.body.length
    for (const name of OF_THE_MESSAGE) this.headers.remove(name)
    this.headers.flat.push('content-type', 'application/json', 'accept', 'application/json')
    this.headers.add('accept-encoding', 'identity')
    try {
      this.#invoker.invoke(this, new WholeAnswer(this, MOST_BYTES))
    } catch (thrown) {
      // A streamed body is whole long after the attempt began: nobody above would catch it.
      this.#fail('driver-error', thrown instanceof Error ? thrown.message : String(thrown))
    }
  }

  bodyRefused(outcome: Outcome, detail: string): void {
    this.#fail(outcome, detail)
  }

  answerStarted(flow: Flow): void {
    this.#flow = flow
  }

  answerTaken(status: number, _headers: HeaderList, body: Buffer): void {
    if (this.#over) return
    const reply = status === 200 ? readReply(body) : null
    if (reply === null) {
      this.#fail(
        'function-error',
        `the function answers ${status} without a reply of the Function Runtime API`,
      )
      return
    }
    const { stdout, stderr, error, payload } = reply
    if (stdout.length > 0 || stderr.length > 0)
      this.#log.info({ ...this.#names(), stdout, stderr }, 'output of a function')
    if (error === null) this.#answer(200, 'application/json', payload)
    else this.#failed(error)
  }

  answerFailed(outcome: Outcome, detail: string, retryAfterMs: number): void {
    this.#fail(outcome, detail, retryAfterMs)
  }

  /** It ran, and says that the caller is to blame: an answer like another, which is never tried elsewhere. */
  #failed({ type, message, stacktrace }: DispatchError): void {
    if (stacktrace.length > 0) this.#log.warn({ ...this.#names(), type, stacktrace }, 'a function failed')
    if (type === 'InputError') {
      const facts = { detail: message, requestId: this.call.id, attempts: this.attempt }
      this.#answer(400, PROBLEM_TYPE, problemBody('GW_INPUT_INVALID', facts))
    } else if (TOO_LATE.test(message)) {
      this.#fail('timeout', `${type}: ${message}`)
    } else {
      this.#fail('function-error', `${type}: ${message}`)
    }
  }

  #answer(status: number, type: string, text: string): void {
    this.#over = true
    const body = Buffer.from(text)
    this.#sink.head(status, new HeaderList(['content-type', type, 'content-length', String(body.length)]))
    if (this.#invocation.method !== 'HEAD') this.#sink.data(body)
    this.#sink.end()
  }

  #fail(outcome: Outcome, detail: string, retryAfterMs = 0): void {
    if (this.#over) return
    this.#over = true
    this.#sink.fail(outcome, detail, retryAfterMs)
  }

  /** What the gateway says of the call; a header cannot pass for `method` or `uri`. */
  #context(): string {
    const { method, path, headers } = this.#invocation
    const httpContext = Object.create(null) as Record<string, string>
    const { flat } = headers
    for (let i = 0; i < flat.length; i += 2) if (SHOWN.has(flat[i]!)) httpContext[flat[i]!] = flat[i + 1]!
    httpContext['method'] = method
    httpContext['uri'] = path
    const deadline = new Date(Date.now() + this.remainingMs()).toISOString()
    return JSON.stringify({ deadline, secrets: {}, serviceBindings: {}, httpContext })
  }

  #names(): object {
    const { organization, functionName } = this.deployment
    return { id: this.call.id, organization, function: functionName }
  }
}
