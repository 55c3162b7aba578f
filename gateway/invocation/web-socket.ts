import type { Duplex } from 'node:stream'
import type { HeaderList } from '../contract/headers.ts'
import type { Outcome } from '../contract/outcome.ts'
import type { Relay, RelayEnd, RelayListener, WebSocketEnd } from '../contract/web-socket.ts'
import { account } from './account.ts'
import type { ActiveCall } from './active-call.ts'
import { cleanAnswer, filterHead } from './answer-head.ts'
import { addExplanation } from './place-explained.ts'
import { wantsTiming } from './relay.ts'

/** RFC 6455, 7.4.1. */
const GOING_AWAY = 1001
const POLICY = 1008

/** Bounds are looked at so many times while one of them passes: that is how late an end may come. */
const LOOKS = 20
const LONGEST_PAUSE_MS = 5000

/**
 * Hands the client's connection to the function that has agreed to a WebSocket.
 *
 * @throws TypeError For a head that HTTP cannot carry; nothing is sent then.
 */
export function openWebSocket(call: ActiveCall, connection: Duplex, headers: HeaderList): void {
  call.headAt = performance.now()
  call.movedAt = call.headAt
  call.dueAt = Number.POSITIVE_INFINITY
  const protocol = headers.get('sec-websocket-protocol')
  cleanAnswer(headers, 101)
  for (const name of HANDSHAKE) headers.remove(name)
  headers.flat.push('x-request-id', call.id)
  addExplanation(call, headers)
  if (wantsTiming(call)) call.services.addTiming(call, headers)
  filterHead(call, 101, headers)
  call.webSocket = new WebSocketCall(call, connection, protocol, headers)
  call.status = 101
  call.state = 'upgraded'
  call.services.webSocketOpened()
}

const HANDSHAKE = ['sec-websocket-accept', 'sec-websocket-protocol', 'content-length']

/** A call that has become a WebSocket: watches its bounds, and accounts for it when it is over. */
export class WebSocketCall implements RelayListener {
  readonly #call: ActiveCall
  readonly #relay: Relay
  /** Time of `performance.now()` at which it has to end. */
  readonly #endsAt: number
  readonly #endsWith: 'lifetime' | 'expired'
  #timer: NodeJS.Timeout
  /** Why the gateway has closed it, or null. */
  #reason: WebSocketEnd | null = null
  #clientBytes = 0
  #functionBytes = 0
  #clientAt: number
  #functionAt: number
  #pingedAt: number

  constructor(call: ActiveCall, connection: Duplex, protocol: string | null, headers: HeaderList) {
    this.#call = call
    this.#relay = call.upgrade!.accept(connection, protocol, headers.flat, this)
    const now = performance.now()
    this.#clientAt = this.#functionAt = this.#pingedAt = now
    const expiresIn = (call.principal?.expiresAt ?? Number.POSITIVE_INFINITY) - Date.now()
    const { lifetimeMs } = call.snapshot.limits.webSocket
    this.#endsWith = expiresIn < lifetimeMs ? 'expired' : 'lifetime'
    this.#endsAt = now + Math.min(expiresIn, lifetimeMs)
    this.#timer = this.#lookLater(now)
  }

  /** The gateway stops: both sides are told that it goes away (RFC 6455, 7.4.1). */
  drain(): void {
    this.#close('draining', GOING_AWAY, 'the gateway is shutting down')
  }

  /** Ends it without a word. */
  cut(): void {
    this.#reason ??= 'cut'
    this.#relay.destroy()
  }

  relayEnded(end: RelayEnd, detail: string): void {
    clearTimeout(this.#timer)
    const call = this.#call
    if (call.state !== 'upgraded') return
    const reason = this.#reason ?? end
    call.outcome = OUTCOMES_OF[reason]
    call.reason = `${reason}: ${detail}`
    call.bytesOut = this.#relay.messageBytesOut
    call.attempt?.closed()
    call.services.webSocketEnded(reason, this.#relay.messageBytesIn, this.#relay.messageBytesOut)
    account(call)
  }

  /** Ends it when a bound has passed. For its timer. */
  look(): void {
    const now = performance.now()
    this.#readProgress(now)
    const { idleMs, pingMs } = this.#call.snapshot.limits.webSocket
    // Without pings, what one side says to the other counts for both: it may have nothing to answer.
    const heardAt = (pingMs === null ? Math.max : Math.min)(this.#clientAt, this.#functionAt)
    if (this.#reason !== null) return
    if (now >= this.#endsAt) this.#expire()
    else if (now - heardAt >= idleMs) this.#close('idle', GOING_AWAY, 'idle for too long')
    else {
      if (pingMs !== null && now - this.#pingedAt >= pingMs) {
        this.#pingedAt = now
        this.#relay.ping()
      }
      this.#timer = this.#lookLater(now)
    }
  }

  #readProgress(now: number): void {
    const { clientBytes, functionBytes } = this.#relay
    if (clientBytes !== this.#clientBytes) this.#clientAt = now
    if (functionBytes !== this.#functionBytes) this.#functionAt = now
    this.#clientBytes = clientBytes
    this.#functionBytes = functionBytes
  }

  #lookLater(now: number): NodeJS.Timeout {
    const { idleMs, pingMs } = this.#call.snapshot.limits.webSocket
    const pause = Math.min(LONGEST_PAUSE_MS, idleMs / LOOKS, pingMs ?? LONGEST_PAUSE_MS)
    return setTimeout(look, Math.max(1, Math.min(pause, this.#endsAt - now)), this)
  }

  #expire(): void {
    if (this.#endsWith === 'expired') this.#close('expired', POLICY, 'the credential has expired')
    else this.#close('lifetime', GOING_AWAY, 'open for too long')
  }

  #close(reason: WebSocketEnd, code: number, text: string): void {
    if (this.#reason !== null) return
    this.#reason = reason
    this.#relay.close(code, text)
  }
}

function look(call: WebSocketCall): void {
  call.look()
}

/** The function had its say when it agreed: how a WebSocket ends says nothing about the health of its Deployment. */
const OUTCOMES_OF: Readonly<Record<WebSocketEnd, Outcome>> = {
  'client-closed': 'answered',
  'function-closed': 'answered',
  'client-lost': 'aborted',
  'function-lost': 'reset',
  'client-fault': 'aborted',
  'function-fault': 'malformed',
  idle: 'answered',
  lifetime: 'answered',
  expired: 'answered',
  draining: 'answered',
  cut: 'aborted',
}
