import type { Outcome } from '../../contract/outcome.ts'
import type { Flow, Sink } from '../../contract/sink.ts'
import type { UpstreamRequest } from '../../contract/transport.ts'
import { describe } from '../upstream-failure.ts'
import type { BodySender } from './body-sender.ts'
import type { Connection } from './connection.ts'
import type { Pool } from './pool.ts'

/** One request on its way and the flow of its answer. Nothing is told to the sink once it is over. */
export class WireCall implements Flow {
  readonly request: UpstreamRequest
  readonly sink: Sink
  /** The request's head, a character for each octet. */
  head: string
  /** The connection may serve another call after this one. */
  keepsConnection: boolean
  sender: BodySender | null
  connection: Connection | null
  /** Where it waits for a connection, and its neighbours there. */
  pool: Pool | null
  before: WireCall | null
  after: WireCall | null
  paused: boolean
  over: boolean

  constructor(request: UpstreamRequest, sink: Sink) {
    this.request = request
    this.sink = sink
    this.head = ''
    this.keepsConnection = true
    this.sender = null
    this.connection = null
    this.pool = null
    this.before = null
    this.after = null
    this.paused = false
    this.over = false
  }

  pause(): void {
    if (this.over || this.paused) return
    this.paused = true
    this.connection?.pause(this)
  }

  /** Once over, the connection may serve another call, which only its own client may resume. */
  resume(): void {
    if (this.over || !this.paused) return
    this.paused = false
    this.connection?.resume(this)
  }

  abort(): void {
    if (!this.over) this.#leave()
  }

  /** The answer is whole. A sink that throws hears so, as it does for what came before. */
  end(): void {
    this.over = true
    this.sender?.stop()
    try {
      this.sink.end()
    } catch (error) {
      this.sink.fail('driver-error', describe(error))
    }
  }

  fail(outcome: Outcome, detail: string): void {
    if (this.over) return
    this.#leave()
    this.sink.fail(outcome, detail)
  }

  #leave(): void {
    this.over = true
    const { connection, pool } = this
    this.connection = null
    this.sender?.stop()
    connection?.drop(this)
    pool?.forget(this)
  }
}
