import type { HeaderList } from '../../../gateway/contract/headers.ts'
import type { Outcome } from '../../../gateway/contract/outcome.ts'
import type { Flow, Sink } from '../../../gateway/contract/sink.ts'
import type { Body, Transport } from '../../../gateway/contract/transport.ts'

/** Collects an answer and notes what a transport must not do; `over` resolves when nothing more can come. */
export class Collector implements Sink {
  flow: Flow | null = null
  status = 0
  headers: HeaderList | null = null
  body = ''
  outcome: Outcome | 'none' = 'none'
  detail = ''
  readonly offences: string[] = []
  onData: (() => void) | null = null
  readonly #begun = Promise.withResolvers<void>()
  readonly #done = Promise.withResolvers<void>()
  /** The head is here, or will never be. */
  readonly begun: Promise<void> = this.#begun.promise
  readonly over: Promise<void> = this.#done.promise

  start(flow: Flow): void {
    if (this.flow !== null) this.offences.push('started twice')
    this.flow = flow
  }

  head(status: number, headers: HeaderList): void {
    this.#allow('head', this.status === 0)
    this.status = status
    this.headers = headers
    this.#begun.resolve()
  }

  data(chunk: Buffer): void {
    this.#allow('data', this.status !== 0)
    this.body += chunk.toString('latin1')
    this.onData?.()
  }

  end(): void {
    this.#allow('end', this.status !== 0)
    this.#finish('answered', '')
  }

  fail(outcome: Outcome, detail: string): void {
    this.#allow('fail', true)
    this.#finish(outcome, detail)
  }

  #finish(outcome: Outcome, detail: string): void {
    this.outcome = outcome
    this.detail = detail
    this.#begun.resolve()
    this.#done.resolve()
  }

  #allow(what: string, inOrder: boolean): void {
    if (this.flow === null) this.offences.push(`${what} before start`)
    if (!inOrder) this.offences.push(`${what} out of order`)
    if (this.outcome !== 'none') this.offences.push(`${what} after the end`)
  }
}

export interface Asked {
  readonly method?: string
  readonly path?: string
  readonly body?: Body
  readonly bodyLength?: number
  readonly headers?: readonly string[]
}

/** Sends a request, `GET /p?q=1` unless asked for another. */
export function send(transport: Transport, origin: string, asked: Asked = {}): Collector {
  const sink = new Collector()
  const { method = 'GET', path = '/p?q=1', body = null, bodyLength = -1, headers = [] } = asked
  transport.send({ origin, method, path, headers: [...headers], body, bodyLength }, sink)
  if (sink.flow === null) sink.offences.push('send returned before start')
  return sink
}
