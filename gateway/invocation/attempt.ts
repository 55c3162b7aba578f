import { performance } from 'node:perf_hooks'
import type { Duplex } from 'node:stream'
import type { BurstCharge } from '../capacity/burst-charge.ts'
import type { Admission } from '../capacity/deployment-health.ts'
import type { Invocation, Invoker } from '../contract/driver.ts'
import { HeaderList } from '../contract/headers.ts'
import { OUTCOMES, type Outcome } from '../contract/outcome.ts'
import { Rejection } from '../contract/rejection.ts'
import type { Flow, UpgradeSink } from '../contract/sink.ts'
import type { Body } from '../contract/transport.ts'
import { turns } from '../contract/turns.ts'
import type { Deployment } from '../placement/deployment.ts'
import { describe } from '../transport/upstream-failure.ts'
import type { ActiveCall } from './active-call.ts'
import { deadlineText } from './deadline-text.ts'
import { loseHedge, winHedge } from './hedge.ts'
import { nextAttempt } from './invoke.ts'
import { FILTER_FAILED, refuse, refuseOutcome } from './refuse.ts'
import { relayBroken, relayData, relayEnd, relayHead } from './relay.ts'
import { mayRetry } from './retry.ts'
import { openWebSocket } from './web-socket.ts'

const NO_UPGRADE = new Rejection('GW_UPGRADE_UNSUPPORTED')

/** One try to have one Deployment serve a call. Hears the answer and gives the slot back, once. */
export class Attempt implements Invocation, UpgradeSink {
  readonly call: ActiveCall
  readonly deployment: Deployment
  readonly attempt: number
  readonly method: string
  readonly path: string
  readonly headers: HeaderList
  readonly body: Body
  readonly bodyLength: number
  readonly startedAt: number
  readonly #admission: Admission
  readonly #charge: BurstCharge | null
  readonly #degraded: boolean
  flow: Flow | null
  /** Status of the answer; 0 before its head. */
  #status: number
  /** Its Deployment knows how it went. */
  #observed: boolean
  #settled: boolean

  /** @param deployment Chosen for this call at this moment, `now` by `performance.now()`; its slot is taken. */
  constructor(call: ActiveCall, deployment: Deployment, now: number) {
    this.call = call
    this.deployment = deployment
    this.attempt = call.attempts
    this.method = call.method
    this.path = call.upstreamPath
    // In the call's own list, so that the copy need not grow.
    if (call.attempts > 1) call.requestHeaders.remove('dispatch-deadline')
    call.requestHeaders.add('dispatch-deadline', deadlineText(call.deadlineAt))
    this.headers = new HeaderList(call.requestHeaders.flat.slice())
    this.body = call.body
    this.bodyLength = call.bodyLength
    this.startedAt = now
    this.flow = null
    this.#admission = call.admission
    this.#charge = call.charge
    this.#degraded = call.degraded
    this.#status = 0
    this.#observed = false
    this.#settled = false
  }

  remainingMs(): number {
    return Math.max(0, this.call.deadlineAt - Date.now())
  }

  /** A driver is not trusted to keep its promise never to throw: whatever comes is an outcome of this attempt. */
  run(): void {
    try {
      const { invoker } = this.deployment
      const result: unknown = this.call.upgrade === null ? invoker.invoke(this, this) : this.#upgrade(invoker)
      if (result instanceof Promise)
        result.catch((error: unknown) => this.fail('driver-error', describe(error)))
    } catch (error) {
      this.fail('driver-error', describe(error))
    }
  }

  start(flow: Flow): void {
    this.flow = flow
    if (this.#settled) this.#abort()
  }

  head(status: number, headers: HeaderList): void {
    if (this.#settled || this.call.state !== 'invoking') return
    if (this.call.rival !== null) winHedge(this.call, this)
    this.#status = status
    this.call.degraded = this.#degraded
    try {
      relayHead(this.call, status, headers)
      this.call.route.target.load.answered(this.call.headAt - this.startedAt, turns.time)
    } catch (error) {
      this.#unwritable(describe(error))
    }
  }

  data(chunk: Buffer): void {
    if (this.#settled || this.call.state !== 'relaying') return
    try {
      relayData(this.call, chunk)
    } catch (error) {
      this.fail('malformed', describe(error))
    }
  }

  end(): void {
    if (this.#settled) return
    if (this.call.state !== 'relaying') {
      this.fail('malformed', 'the answer ended before it began')
      return
    }
    try {
      relayEnd(this.call)
      this.#settle('answered')
    } catch (error) {
      this.fail('malformed', describe(error))
    }
  }

  upgraded(connection: Duplex, headers: HeaderList): void {
    if (this.#settled || this.call.state !== 'invoking') {
      connection.destroy()
      return
    }
    try {
      openWebSocket(this.call, connection, headers)
      // An agreement is an answer. For how long it is open tells nothing of how long calls take.
      this.#status = 101
      const toHead = this.call.headAt - this.startedAt
      this.#observe('answered', toHead, Date.now())
      this.call.route.target.load.answered(toHead, Date.now())
    } catch (error) {
      this.#unwritable(describe(error))
    }
  }

  /** The WebSocket that it opened is closed on both sides. */
  closed(): void {
    if (!this.#settled) this.#settle('answered')
  }

  fail(outcome: Outcome, detail: string, retryAfterMs = 0): void {
    if (this.#settled) return
    this.#settle(outcome)
    if (outcome === 'rate-limited') this.deployment.slot.pace.rest(retryAfterMs, Date.now())
    this.#abort()
    const { call } = this
    if (call.state === 'relaying') relayBroken(call, outcome, detail)
    else if (call.state === 'invoking') {
      this.deployment.report(outcome, detail, call)
      if (call.rival !== null) loseHedge(call, this)
      else if (mayRetry(call, outcome)) nextAttempt(call)
      else refuseOutcome(call, outcome, detail, retryAfterMs)
    }
  }

  /** Ends the attempt from our side: the upstream call is cut at once and nothing more is heard of it. */
  abandon(outcome: Outcome): void {
    if (this.#settled) return
    this.#settle(outcome)
    this.#abort()
  }

  /** The other attempt of a hedged call was faster: that this one is slow is worth knowing. */
  lose(): void {
    this.deployment.slot.latency.failed(performance.now() - this.startedAt, 0, Date.now())
    this.abandon('aborted')
  }

  /** False when the budget of a burst call does not pay for so much longer. */
  isPaidFor(aheadMs: number): boolean {
    if (this.#charge === null || this.#settled) return true
    return this.#charge.keepPaid(performance.now() - this.startedAt, aheadMs, Date.now())
  }

  /** Holds the function back until the client takes more. */
  pause(): void {
    try {
      this.flow?.pause()
    } catch (error) {
      this.fail('driver-error', describe(error))
    }
  }

  resume(): void {
    if (this.#settled) return
    try {
      this.flow?.resume()
    } catch (error) {
      this.fail('driver-error', describe(error))
    }
  }

  #upgrade(invoker: Invoker): unknown {
    if (invoker.upgrade !== undefined) return invoker.upgrade(this, this)
    this.abandon('aborted')
    refuse(this.call, NO_UPGRADE)
    return undefined
  }

  /** Once settled, a driver that cannot stop its call is the concern of the log alone. */
  #abort(): void {
    try {
      this.flow?.abort()
    } catch (error) {
      this.deployment.report('driver-error', describe(error), this.call)
    }
  }

  /** A head that HTTP cannot carry. The function wrote it, unless plugins had their hands on it. */
  #unwritable(detail: string): void {
    const { call } = this
    this.deployment.report('malformed', detail, call)
    if (call.route.headerFilters.length === 0) {
      this.abandon('malformed')
      refuseOutcome(call, 'malformed', detail)
    } else {
      this.abandon('aborted')
      call.reason = detail
      refuse(call, FILTER_FAILED)
    }
  }

  #observe(outcome: Outcome, toHeadMs: number, time: number): void {
    this.#observed = true
    const isColdStart = this.deployment.observe(outcome, this.#status, toHeadMs, this.#admission, time)
    if (isColdStart) this.call.services.coldStart()
  }

  #settle(outcome: Outcome): void {
    this.#settled = true
    const now = performance.now()
    const toHead = (this.call.headAt === 0 ? now : this.call.headAt) - this.startedAt
    const { time } = turns
    if (!this.#observed) this.#observe(outcome, toHead, time)
    this.deployment.release()
    if (this.#status !== 101) this.call.route.target.load.released(now - this.startedAt)
    this.call.services.waitingRoom.released()
    if (OUTCOMES[outcome].executed === 'no') this.#charge?.cancel(time)
    else this.#charge?.settle(now - this.startedAt, time)
    this.call.route.series.attempted(this.deployment.index, outcome, toHead)
  }
}
