import type { Invocation } from '../contract/driver.ts'
import { HeaderList } from '../contract/headers.ts'
import type { Outcome } from '../contract/outcome.ts'
import type { Flow, Sink } from '../contract/sink.ts'
import type { Body } from '../contract/transport.ts'
import type { Deployment } from '../snapshot/deployment.ts'
import { describe } from '../transport/upstream-failure.ts'
import type { ActiveCall } from './active-call.ts'
import { nextAttempt } from './invoke.ts'
import { refuseOutcome } from './refuse.ts'
import { relayBroken, relayData, relayEnd, relayHead } from './relay.ts'
import { mayRetry } from './retry.ts'

/** One try to have one Deployment serve a call. Takes the slot, hears the answer, gives the slot back once. */
export class Attempt implements Invocation, Sink {
  readonly call: ActiveCall
  readonly deployment: Deployment
  readonly attempt: number
  readonly method: string
  readonly path: string
  readonly headers: HeaderList
  readonly body: Body
  readonly bodyLength: number
  readonly startedAt: number
  flow: Flow | null
  #settled: boolean

  constructor(call: ActiveCall, deployment: Deployment) {
    this.call = call
    this.deployment = deployment
    this.attempt = call.attempts
    this.method = call.method
    this.path = call.upstreamPath
    this.headers = new HeaderList(call.requestHeaders.flat.slice())
    this.body = call.body
    this.bodyLength = call.bodyLength
    this.startedAt = performance.now()
    this.flow = null
    this.#settled = false
    this.headers.flat.push('dispatch-deadline', String(call.deadlineAt))
  }

  remainingMs(): number {
    return Math.max(0, this.call.deadlineAt - Date.now())
  }

  /** A driver is not trusted to keep its promise never to throw: whatever comes is an outcome of this attempt. */
  run(): void {
    this.deployment.slot.acquire()
    try {
      const result: unknown = this.deployment.invoker.invoke(this, this)
      if (result instanceof Promise)
        result.catch((error: unknown) => this.fail('driver-error', describe(error)))
    } catch (error) {
      this.fail('driver-error', describe(error))
    }
  }

  start(flow: Flow): void {
    this.flow = flow
    if (this.#settled) flow.abort()
  }

  head(status: number, headers: HeaderList): void {
    if (this.#settled || this.call.state !== 'invoking') return
    try {
      relayHead(this.call, status, headers)
    } catch (error) {
      // Bytes that Node refuses to write: the answer is at fault, not this process.
      this.abandon('malformed')
      refuseOutcome(this.call, 'malformed', describe(error))
    }
  }

  data(chunk: Buffer): void {
    if (!this.#settled && this.call.state === 'relaying') relayData(this.call, chunk)
  }

  end(): void {
    if (this.#settled) return
    if (this.call.state !== 'relaying') return this.fail('malformed', 'the answer ended before it began')
    this.#settle('answered')
    relayEnd(this.call)
  }

  fail(outcome: Outcome, detail: string): void {
    if (this.#settled) return
    this.flow?.abort()
    this.#settle(outcome)
    const { call } = this
    if (call.state === 'relaying') {
      relayBroken(call, outcome, detail)
    } else if (call.state === 'invoking') {
      this.deployment.report(outcome, detail, call)
      if (mayRetry(call, outcome)) nextAttempt(call)
      else refuseOutcome(call, outcome, detail)
    }
  }

  /** Ends the attempt from our side: the upstream call is cut at once and nothing more is heard of it. */
  abandon(outcome: Outcome): void {
    if (this.#settled) return
    this.#settle(outcome)
    this.flow?.abort()
  }

  #settle(outcome: Outcome): void {
    this.#settled = true
    this.deployment.slot.release()
    this.deployment.observe(outcome, Date.now())
    const until = this.call.headAt === 0 ? performance.now() : this.call.headAt
    this.call.route.series.attempted(this.deployment.index, outcome, until - this.startedAt)
  }
}
