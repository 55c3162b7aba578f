import type { Duplex } from 'node:stream'
import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import type { Flow, Sink, UpgradeSink } from '../../gateway/contract/sink.ts'

/** The whole body that workerd sends for a function that threw, without a type. */
const CRASH = 'Internal Server Error'

/**
 * Passes an answer on, but for the one that workerd gives when a function threw, rejected or never answered. A function
 * that says the same itself sends a type with it, as every text does.
 */
export class CrashAnswer implements Sink {
  readonly #sink: Sink
  /** Head of what may be a crash, until its body is there. */
  #held: HeaderList | null = null
  #body: Buffer[] = []

  constructor(sink: Sink) {
    this.#sink = sink
  }

  start(flow: Flow): void {
    this.#sink.start(flow)
  }

  head(status: number, headers: HeaderList): void {
    const length = headers.get('content-length')
    if (status === 500 && length === String(CRASH.length) && !headers.has('content-type'))
      this.#held = headers
    else this.#sink.head(status, headers)
  }

  data(chunk: Buffer): void {
    if (this.#held === null) this.#sink.data(chunk)
    else this.#body.push(chunk)
  }

  end(): void {
    const held = this.#held
    if (held !== null) {
      const body = Buffer.concat(this.#body)
      // A crash that answers HEAD has no body to tell by.
      if (body.length === 0 || body.toString('latin1') === CRASH) {
        this.#sink.fail('function-error', 'the function threw or never answered')
        return
      }
      this.#held = null
      this.#sink.head(500, held)
      this.#sink.data(body)
    }
    this.#sink.end()
  }

  fail(outcome: Outcome, detail: string): void {
    this.#sink.fail(outcome, detail)
  }
}

/** The same for a function that was to open a WebSocket. */
export class CrashUpgrade extends CrashAnswer implements UpgradeSink {
  readonly #upgrades: UpgradeSink

  constructor(sink: UpgradeSink) {
    super(sink)
    this.#upgrades = sink
  }

  upgraded(connection: Duplex, headers: HeaderList): void {
    this.#upgrades.upgraded(connection, headers)
  }
}
