import type { Dispatcher } from 'undici'
import { HeaderList } from '../contract/headers.ts'
import type { Flow, Sink } from '../contract/sink.ts'
import { describe, outcomeOf, type Stage } from './upstream-failure.ts'

/** One answer on its way: undici's handler on one side, our Flow on the other. Nothing is pushed after an abort. */
export class UndiciAnswer implements Dispatcher.DispatchHandler, Flow {
  readonly #sink: Sink
  #controller: Dispatcher.DispatchController | null = null
  #stage: Stage = 'queued'
  #over = false

  constructor(sink: Sink) {
    this.#sink = sink
  }

  pause(): void {
    if (!this.#over) this.#controller?.pause()
  }

  /** Once over, the connection may serve another call, which only its own client may resume. */
  resume(): void {
    if (!this.#over) this.#controller?.resume()
  }

  abort(): void {
    if (this.#over) return
    this.#over = true
    this.#controller?.abort(ABORTED)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#over) controller.abort(ABORTED)
    else this.#stage = 'sent'
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, fields: Fields): void {
    if (this.#over || status < 200) return
    if (isFramedOddly(fields)) {
      this.abort()
      this.#sink.fail('malformed', 'the length of the answer is not clear')
      return
    }
    this.#stage = 'answering'
    this.#sink.head(status, headerList(fields))
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#over) this.#sink.data(chunk)
  }

  onResponseEnd(): void {
    if (this.#over) return
    this.#over = true
    this.#sink.end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#over) return
    this.#over = true
    this.#sink.fail(outcomeOf(error, this.#stage), describe(error))
  }
}

/** Made once: an error with a stack per aborted call would cost more than the call. */
const ABORTED = new Error('aborted by the gateway')

/** As undici parsed them: lower-case names, values as latin1, those of one name together in their order. */
export type Fields = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2]

/** Decoding the raw fields again would cost another 1 µs. */
export function headerList(fields: Fields): HeaderList {
  const flat: string[] = []
  for (const name of Object.keys(fields)) {
    const value = fields[name]
    if (typeof value === 'string') flat.push(name, value)
    else if (value !== undefined) for (const one of value) flat.push(name, one)
  }
  return new HeaderList(flat)
}

/**
 * More than one length, which undici glues together, makes an answer invalid (RFC 9112, 6.3). A transfer coding besides
 * chunked was not asked for, and nobody behind us would undo it.
 */
function isFramedOddly(fields: Fields): boolean {
  const coding = fields['transfer-encoding']
  const length = fields['content-length']
  if (coding === undefined) return typeof length === 'object'
  return length !== undefined || typeof coding === 'object' || coding.toLowerCase() !== 'chunked'
}
