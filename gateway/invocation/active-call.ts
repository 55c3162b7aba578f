import { performance } from 'node:perf_hooks'
import type { BurstCharge } from '../capacity/burst-charge.ts'
import type { Admission } from '../capacity/deployment-health.ts'
import type { Line, Queued } from '../capacity/fair-queue.ts'
import type { Call, Holding } from '../contract/call.ts'
import type { ErrorCode } from '../contract/errors.ts'
import { firstOf, HeaderList } from '../contract/headers.ts'
import type { Exchange, ExchangeListener } from '../contract/lane.ts'
import type { CallOutcome, Outcome } from '../contract/outcome.ts'
import type { Principal } from '../contract/principal.ts'
import type { Body } from '../contract/transport.ts'
import type { Upgrade } from '../contract/web-socket.ts'
import type { Assertion } from '../identity/assertion.ts'
import type { Reason } from '../identity/rejections.ts'
import type { Deployment } from '../placement/deployment.ts'
import type { Hint } from '../placement/hint.ts'
import type { Placing } from '../placement/placing.ts'
import type { Route } from '../snapshot/route.ts'
import type { Snapshot } from '../snapshot/snapshot.ts'
import { account } from './account.ts'
import type { Attempt } from './attempt.ts'
import type { CallState } from './call-state.ts'
import { attemptWith } from './invoke.ts'
import { BAD_TRAILER, BODY_TOO_LARGE } from './refuse.ts'
import { refuseBody } from './refuse-body.ts'
import { isRepeatable } from './retry.ts'
import type { Services } from './services.ts'
import type { WebSocketCall } from './web-socket.ts'

/** One request from its head to its last byte: what the whole pipeline knows of it, in one object of one shape. */
export class ActiveCall implements Call, ExchangeListener, Placing, Queued {
  readonly exchange: Exchange
  readonly snapshot: Snapshot
  readonly services: Services
  readonly rawHeaders: readonly string[]
  readonly method: string
  readonly requestHeaders: HeaderList
  /** Null for a call that does not ask for a WebSocket. */
  readonly upgrade: Upgrade | null

  id: string
  /** Host and port as the client names them; empty when a client of HTTP/1.0 does not. */
  authority: string
  host: string
  path: string
  /** `path` before what the client should have escaped was escaped. */
  sentPath: string
  query: string
  secure: boolean
  clientAddress: string
  bodyLength: number
  /** Index in the path of the first escaped delimiter, -1 for none. */
  delimiterAt: number
  /** The caller asked for the backend and the timing of its answer. */
  wantsTiming: boolean
  /** The caller asked how the call is placed; whether they may know is not decided yet. */
  wantsExplain: boolean
  /** What the caller asks of the placement, or null. */
  hint: Hint | null
  /** Where a trusted proxy says that the call came in: one of `snapshot.entryZones`; null for where the gateway is. */
  entryZone: string | null
  /** What a trusted proxy says of the caller, or why that is refused; null when it says nothing. */
  asserted: Assertion | Reason | null
  hasIdempotencyKey: boolean
  principal: Principal | null
  route: Route
  /** Path and query for the function: as they were sent, until the Route rewrites them. */
  upstreamPath: string

  body: Body
  bodyLimit: number
  state: CallState
  attempt: Attempt | null
  /** The first attempt of a hedged call, while it is not known which of both answers first. */
  rival: Attempt | null
  attempts: number
  tried: number
  lastTried: Deployment | null
  admission: Admission
  charge: BurstCharge | null
  degraded: boolean
  busy: boolean
  /** Of the attempt to come: where its slot is taken; null when nobody can serve it. */
  chosen: Deployment | null
  /** Its place among those that wait. */
  line: Line | null
  ahead: Queued | null
  behind: Queued | null
  /** Time of `performance.now()` when it began to wait. */
  waitsSince: number
  /** Milliseconds that it waited for free slots. */
  waitedMs: number
  /** Time of `performance.now()` at which its time is over; Infinity for no such time. @see Deadlines */
  dueAt: number
  /** Milliseconds since 1970. */
  deadlineAt: number
  /** Times of `performance.now()`; 0 for what did not happen. */
  readonly startedAt: number
  accessedAt: number
  headAt: number
  movedAt: number
  /** A piece of the answer came since the idle watch looked last, which then sets `movedAt`. */
  moves: boolean
  /** Index among the running calls of the thread. */
  runningAt: number
  status: number
  outcome: CallOutcome
  code: ErrorCode | null
  /** For the log: why it was refused or failed. */
  reason: string
  traceparent: string
  bytesOut: number
  /** The client has not taken what was written; the function's connection is paused. */
  clientIsSlow: boolean
  /** From the agreement of the function on. */
  webSocket: WebSocketCall | null
  /** What it gives back at its end, each pointing to the next. */
  holding: Holding | null

  constructor(exchange: Exchange, snapshot: Snapshot, services: Services) {
    this.exchange = exchange
    this.snapshot = snapshot
    this.services = services
    this.rawHeaders = exchange.rawHeaders
    this.method = exchange.method
    this.requestHeaders = new HeaderList()
    this.upgrade = exchange.upgrade ?? null
    this.id = ''
    this.authority = ''
    this.host = ''
    this.path = ''
    this.sentPath = ''
    this.query = ''
    this.secure = exchange.encrypted
    this.clientAddress = exchange.peerAddress
    this.bodyLength = 0
    this.delimiterAt = -1
    this.wantsTiming = false
    this.wantsExplain = false
    this.hint = null
    this.entryZone = null
    this.asserted = null
    this.hasIdempotencyKey = false
    this.principal = null
    this.route = snapshot.noRoute
    this.upstreamPath = ''
    this.body = null
    this.bodyLimit = snapshot.limits.bodyBytes
    this.state = 'access'
    this.attempt = null
    this.rival = null
    this.attempts = 0
    this.tried = 0
    this.lastTried = null
    this.admission = 0
    this.charge = null
    this.degraded = false
    this.busy = false
    this.chosen = null
    this.line = null
    this.ahead = null
    this.behind = null
    this.waitsSince = 0
    this.waitedMs = 0
    this.dueAt = Number.POSITIVE_INFINITY
    this.deadlineAt = 0
    this.startedAt = performance.now()
    this.accessedAt = 0
    this.headAt = 0
    this.movedAt = this.startedAt
    this.moves = false
    this.runningAt = 0
    this.status = 0
    this.outcome = 'rejected'
    this.code = null
    this.reason = ''
    this.traceparent = ''
    this.bytesOut = 0
    this.clientIsSlow = false
    this.webSocket = null
    this.holding = null
  }

  get repeatable(): boolean {
    return isRepeatable(this)
  }

  /** Cuts what runs upstream. */
  abandon(outcome: Outcome): void {
    this.attempt?.abandon(outcome)
    this.rival?.abandon(outcome)
  }

  header(name: string): string | null {
    return firstOf(this.rawHeaders, name)
  }

  limitBody(bytes: number): void {
    if (bytes < this.bodyLimit) this.bodyLimit = bytes
  }

  keep(holding: Holding): void {
    if (this.state === 'over') holding.giveBack()
    else {
      holding.next = this.holding
      this.holding = holding
    }
  }

  clientGone(): void {
    if (this.state === 'over') return
    if (this.state !== 'answered') {
      this.outcome = 'aborted'
      this.status = 499
      this.abandon('aborted')
    }
    account(this)
  }

  drained(): void {
    this.movedAt = performance.now()
    this.clientIsSlow = false
    this.attempt?.resume()
  }

  finished(): void {
    if (this.state === 'answered') account(this)
    else this.clientGone()
  }

  bodyRead(body: Buffer): void {
    if (this.state !== 'body') return
    this.body = body
    attemptWith(this, performance.now())
  }

  bodyTooLarge(): void {
    refuseBody(this, BODY_TOO_LARGE, 'the body is larger than its limit')
  }

  trailersRefused(): void {
    this.exchange.closeAfter()
    refuseBody(this, BAD_TRAILER, 'a trailer that must not be one')
  }

  moved(): void {
    this.movedAt = performance.now()
  }
}
