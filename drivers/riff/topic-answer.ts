import { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import type { Flow, Sink } from '../../gateway/contract/sink.ts'

/** What a status means: those of functions never come through. Recorded with the HTTP gateway 0.0.7. */
const SAID: Readonly<Record<number, readonly [Outcome, string]>> = {
  404: ['not-found', 'the platform does not know the topic'],
  500: ['function-error', 'the reply of the function is marked as an error'],
  // Also what becomes of a call whose function crashed: its message is dropped.
  504: ['timeout', 'no reply came before the time-out of the platform'],
}

/** An answer of the HTTP gateway of riff: 200 with what the function replied, else nothing that is the function's. */
export class TopicAnswer implements Sink {
  readonly #sink: Sink
  /** Only that the message was taken is known: there is no reply. */
  readonly #isMessage: boolean
  #flow: Flow | null
  #over: boolean

  constructor(sink: Sink, isMessage: boolean) {
    this.#sink = sink
    this.#isMessage = isMessage
    this.#flow = null
    this.#over = false
  }

  start(flow: Flow): void {
    this.#flow = flow
    this.#sink.start(flow)
  }

  head(status: number, headers: HeaderList): void {
    if (status !== 200) {
      const [outcome, detail] = SAID[status] ?? ['driver-error', `the gateway of riff answers ${status}`]
      this.#over = true
      this.#flow?.abort()
      this.#sink.fail(outcome, detail)
    } else if (this.#isMessage) {
      this.#sink.head(202, new HeaderList(['content-length', '0']))
    } else {
      // Where the function named no type the platform guessed one, from what a caller may have sent.
      headers.set('x-content-type-options', 'nosniff')
      this.#sink.head(200, headers)
    }
  }

  data(chunk: Buffer): void {
    if (!this.#over && !this.#isMessage) this.#sink.data(chunk)
  }

  end(): void {
    if (!this.#over) this.#sink.end()
  }

  fail(outcome: Outcome, detail: string): void {
    if (!this.#over) this.#sink.fail(outcome, detail)
  }
}
