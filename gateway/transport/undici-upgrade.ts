import type { Duplex } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Flow, UpgradeSink } from '../contract/sink.ts'
import { faultOfAnswer } from './handshake.ts'
import { type Fields, headerList, UndiciAnswer } from './undici-answer.ts'

/** The answer to a WebSocket handshake: an open connection, or an answer like any other. */
export class UndiciUpgrade implements Dispatcher.DispatchHandler, Flow {
  readonly #sink: UpgradeSink
  readonly #key: string
  readonly #offered: readonly string[]
  /** Takes whatever is no agreement. */
  readonly #answer: UndiciAnswer
  #connection: Duplex | null = null
  #over = false

  constructor(sink: UpgradeSink, key: string, offered: readonly string[]) {
    this.#sink = sink
    this.#key = key
    this.#offered = offered
    this.#answer = new UndiciAnswer(sink)
  }

  pause(): void {
    if (this.#connection === null) this.#answer.pause()
  }

  resume(): void {
    if (this.#connection === null) this.#answer.resume()
  }

  abort(): void {
    this.#over = true
    if (this.#connection === null) this.#answer.abort()
    else this.#connection.destroy()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#answer.onRequestStart(controller)
  }

  onRequestUpgrade(
    _controller: Dispatcher.DispatchController,
    _status: number,
    fields: Fields,
    connection: Duplex,
  ): void {
    connection.on('error', nothing)
    if (this.#over) {
      connection.destroy()
      return
    }
    const headers = headerList(fields)
    const fault = faultOfAnswer(headers, this.#key, this.#offered)
    if (fault === null) {
      this.#connection = connection
      this.#sink.upgraded(connection, headers)
    } else {
      connection.destroy()
      this.#fail('malformed', fault)
    }
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, fields: Fields): void {
    if (this.#over) return
    if (status === 101) {
      this.#answer.abort()
      this.#fail('malformed', '101 without an upgrade')
    } else if (status >= 200 && status < 300) {
      this.#answer.abort()
      this.#fail('function-error', `${status} in the place of a WebSocket`)
    } else {
      this.#answer.onResponseStart(controller, status, fields)
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#answer.onResponseData(controller, chunk)
  }

  onResponseEnd(): void {
    this.#answer.onResponseEnd()
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#connection === null) this.#answer.onResponseError(controller, error)
  }

  #fail(outcome: 'malformed' | 'function-error', detail: string): void {
    this.#over = true
    this.#sink.fail(outcome, detail)
  }
}

/** What breaks a connection shows when it closes. */
function nothing(): void {}
