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

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (this.#over || status < 200) return
    const headers = headerList(controller.rawHeaders)
    if (isFramedOddly(headers.flat)) {
      this.abort()
      this.#sink.fail('malformed', 'the length of the answer is not clear')
      return
    }
    this.#stage = 'answering'
    this.#sink.head(status, headers)
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

/**
 * More than one length, which undici glues together, makes an answer invalid (RFC 9112, 6.3). A transfer coding besides
 * chunked was not asked for, and nobody behind us would undo it.
 */
function isFramedOddly(flat: readonly string[]): boolean {
  let declared = 0
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i] === 'content-length') declared++
    else if (flat[i] === 'transfer-encoding') {
      declared++
      if (flat[i + 1]!.toLowerCase() !== 'chunked') return true
    }
  }
  return declared > 1
}

/** Bytes above 0x7f are kept as they are: latin1 both ways. */
function headerList(raw: unknown): HeaderList {
  const flat: string[] = []
  if (Array.isArray(raw)) {
    for (let i = 0; i + 1 < raw.length; i += 2) {
      flat.push(text(raw[i]).toLowerCase(), text(raw[i + 1]))
    }
  }
  return new HeaderList(flat)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : (value as Buffer).toString('latin1')
}
