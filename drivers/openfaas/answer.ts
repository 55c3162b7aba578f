import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import type { Flow, Sink } from '../../gateway/contract/sink.ts'
import { removeEchoedType, removePlatformFields } from './answer-fields.ts'
import { isSuspect, SAYING_BYTES, type Saying, sayingsFor, saysByLength, saysSo } from './sayings.ts'

/** What an answer is judged by, known when the request is sent. */
export interface AskedFor {
  /** Name as it stands in the target, with its namespace. */
  readonly functionName: string
  readonly isHead: boolean
  /** Content-Type of the request, which the platform gives to answers that have none. */
  readonly contentType: string | null
  readonly streaming: boolean
  /** When the request was sent, by `performance.now()`. */
  readonly sentAt: number
  /** Milliseconds after which the platform gives up on a function. */
  readonly upstreamTimeoutMs: number
}

/** Share of the platform's time-out after which an empty 502 is taken for it; the clocks start at different moments. */
const NEARLY = 0.95

/**
 * Stands between transport and receiver: passes the function's answer on, and turns what the platform says in its
 * place into an outcome. A head is held back only while it may be the platform's, for at most a few hundred bytes.
 */
export class PlatformAnswer implements Sink {
  readonly #sink: Sink
  readonly #asked: AskedFor
  #flow: Flow | null
  /** Sayings that the bytes so far allow; null once the answer is known to be the function's. */
  #open: readonly Saying[] | null
  #status: number
  #headers: HeaderList | null
  #held: Buffer[]
  #over: boolean

  constructor(sink: Sink, asked: AskedFor) {
    this.#sink = sink
    this.#asked = asked
    this.#flow = null
    this.#open = null
    this.#status = 0
    this.#headers = null
    this.#held = []
    this.#over = false
  }

  start(flow: Flow): void {
    this.#flow = flow
    this.#sink.start(flow)
  }

  head(status: number, headers: HeaderList): void {
    const asked = this.#asked
    if (isSuspect(status, asked.streaming)) {
      const open = sayingsFor({ status, headers, streaming: asked.streaming })
      if (asked.isHead) {
        const said = open.find((saying) => saysByLength(saying, headers, asked.functionName.length))
        if (said !== undefined) {
          this.#conclude(said)
          return
        }
      } else if (open.length > 0) {
        this.#open = open
        this.#status = status
        this.#headers = headers
        return
      }
    }
    this.#relayHead(status, headers)
  }

  data(chunk: Buffer): void {
    if (this.#over) return
    if (this.#open === null) {
      this.#sink.data(chunk)
      return
    }
    this.#held.push(chunk)
    this.#judge(false)
  }

  end(): void {
    if (this.#over) return
    if (this.#open !== null) this.#judge(true)
    if (this.#over) return
    this.#over = true
    this.#sink.end()
  }

  fail(outcome: Outcome, detail: string): void {
    if (this.#over) return
    this.#over = true
    this.#sink.fail(outcome, detail)
  }

  #judge(complete: boolean): void {
    const body = Buffer.concat(this.#held).toString('latin1', 0, SAYING_BYTES)
    const final = complete || body.length >= SAYING_BYTES
    let undecided = false
    for (const saying of this.#open!) {
      const verdict = saysSo(saying, body, final)
      if (verdict === true) {
        this.#conclude(saying)
        return
      }
      undecided ||= verdict === null
    }
    if (!undecided) this.#release()
  }

  #conclude(said: Saying): void {
    this.#over = true
    this.#flow?.abort()
    const { sentAt, upstreamTimeoutMs } = this.#asked
    const late = said.status === 502 && performance.now() - sentAt >= upstreamTimeoutMs * NEARLY
    if (late) this.#sink.fail('timeout', 'the upstream_timeout of the platform has passed')
    else this.#sink.fail(said.outcome, said.detail)
  }

  #release(): void {
    const held = this.#held
    this.#open = null
    this.#held = []
    this.#relayHead(this.#status, this.#headers!)
    for (const chunk of held) this.#sink.data(chunk)
  }

  #relayHead(status: number, headers: HeaderList): void {
    removePlatformFields(headers)
    if (hasNoBody(status, headers) && !this.#asked.isHead) removeEchoedType(headers, this.#asked.contentType)
    this.#sink.head(status, headers)
  }
}

function hasNoBody(status: number, headers: HeaderList): boolean {
  return status === 204 || status === 304 || headers.get('content-length') === '0'
}
