import { shorten } from '../../contract/headers.ts'
import { turns } from '../../contract/turns.ts'
import { describe } from '../upstream-failure.ts'
import { Connection } from './connection.ts'
import type { Dialer } from './dialer.ts'
import { sweepIdle } from './idle-sweep.ts'
import { WaitingCalls } from './waiting-calls.ts'
import type { WireCall } from './wire-call.ts'

export interface PoolOptions {
  readonly connections: number
  readonly connectTimeoutMs: number
  readonly keepAliveMs: number
}

/**
 * The connections of one origin. A call takes the one that was used last, which is the least likely to be closed; when
 * none is idle it waits in line for whatever comes first: one that is given back or one that is opened for it.
 */
export class Pool {
  readonly authority: string
  readonly #dialer: Dialer
  readonly #options: PoolOptions
  readonly #waiting = new WaitingCalls()
  /** Idle since an earlier turn, the one used last at the end. */
  readonly #idle: Connection[] = []
  /** Idle since the turn `#restingIn`. */
  readonly #resting: Connection[] = []
  #restingIn = -1
  /** Connections that there are, those being opened included. */
  #open = 0
  #opening = 0
  #closing: PromiseWithResolvers<void> | null = null

  constructor(dialer: Dialer, options: PoolOptions) {
    this.authority = dialer.authority
    this.#dialer = dialer
    this.#options = options
  }

  send(call: WireCall): void {
    if (this.#closing !== null) {
      call.fail('unreachable', 'the transport is closed')
      return
    }
    const connection = this.#take()
    if (connection === null) this.#wait(call)
    else this.#hand(connection, call)
  }

  /** A call whose connection broke before its request was written is the next one in line. */
  again(call: WireCall): void {
    call.connection = null
    const connection = this.#take()
    if (connection !== null) {
      this.#hand(connection, call)
      return
    }
    call.pool = this
    this.#waiting.unshift(call)
    this.#refill()
  }

  /** A call that waited has left. */
  forget(call: WireCall): void {
    this.#waiting.remove(call)
    this.#settle()
  }

  opened(connection: Connection): void {
    this.#opening--
    const call = this.#waiting.shift()
    if (call === null) {
      this.#keep(connection)
      return
    }
    connection.assign(call)
    connection.begin()
  }

  /** A connection could not be opened: whoever waits longest has had its try. */
  failed(detail: string): void {
    this.#opening--
    this.#waiting.shift()?.fail('unreachable', detail)
    this.#settle()
  }

  /** The answer is whole and the connection fit for the next call. */
  release(connection: Connection): void {
    connection.releasedIn = turns.now
    this.#keep(connection)
  }

  /** A connection is free, from its last use on or because its call has left before anything was written. */
  giveBack(connection: Connection): void {
    const call = this.#waiting.shift()
    if (call !== null) {
      this.#hand(connection, call)
    } else if (this.#closing !== null) {
      connection.close()
    } else {
      this.#rest()
      this.#resting.push(connection)
      turns.count()
      sweepIdle(this)
    }
  }

  lost(connection: Connection): void {
    this.#open--
    for (const list of [this.#idle, this.#resting]) {
      const at = list.lastIndexOf(connection)
      if (at >= 0) list.splice(at, 1)
    }
    this.#refill()
    this.#settle()
  }

  sweep(now: number): boolean {
    for (const list of [this.#idle, this.#resting]) {
      for (const connection of list.filter(({ usableUntil }) => usableUntil <= now)) connection.close()
    }
    return this.#idle.length + this.#resting.length > 0
  }

  /** Lets calls that run or wait finish. */
  close(): Promise<void> {
    if (this.#closing === null) {
      this.#closing = Promise.withResolvers()
      for (const connection of [...this.#idle, ...this.#resting]) connection.close()
      this.#settle()
    }
    return this.#closing.promise
  }

  #wait(call: WireCall): void {
    if (this.#waiting.full) {
      call.fail('overloaded', 'too many calls wait for a connection')
      return
    }
    call.pool = this
    this.#waiting.push(call)
    this.#refill()
  }

  #keep(connection: Connection): void {
    const keepMs = connection.keepMs(this.#options.keepAliveMs)
    connection.usableUntil = turns.clock + keepMs
    if (keepMs > 0) this.giveBack(connection)
    else connection.close()
  }

  /** Opens connections for those who wait, as many as are allowed. */
  #refill(): void {
    while (this.#waiting.length > this.#opening && this.#open < this.#options.connections) {
      this.#open++
      this.#opening++
      try {
        new Connection(this, this.#dialer, this.#options.connectTimeoutMs)
      } catch (error) {
        this.#open--
        this.failed(describe(error))
      }
    }
  }

  #hand(connection: Connection, call: WireCall): void {
    connection.assign(call)
    turns.start(connection)
  }

  /** An idle connection; rather one that has rested, because another begins its next request a turn later. */
  #take(): Connection | null {
    this.#rest()
    for (;;) {
      const connection = this.#idle.pop() ?? this.#resting.pop()
      if (connection === undefined) return null
      if (connection.usableUntil > turns.clock) return connection
      connection.close()
    }
  }

  /** What was given back in an earlier turn has rested. */
  #rest(): void {
    if (this.#restingIn === turns.now) return
    this.#restingIn = turns.now
    for (let i = 0; i < this.#resting.length; i++) this.#idle.push(this.#resting[i]!)
    shorten(this.#resting, 0)
  }

  #settle(): void {
    if (this.#open === 0 && this.#waiting.length === 0) this.#closing?.resolve()
  }
}
