import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import type { Flow, Sink } from '../../gateway/contract/sink.ts'
import { SAYING_BYTES, type Saying, type Sayings, saysByLength, saysSo } from './saying.ts'

/** What of a saying tells it from an answer once its head fits. */
export type Suspicion = Omit<Saying, 'fits'>

/**
 * Stands between transport and receiver: passes the function's answer on, and turns what the platform says in its
 * place into an outcome. A head is held back only while it may be the platform's, for at most a few hundred bytes.
 */
export class JudgedAnswer implements Sink {
  readonly #sink: Sink
  readonly #sayings: Pick<Sayings, 'has' | 'for'> | null
  readonly #isHead: boolean
  readonly #nameLength: number
  #flow: Flow | null
  /** Sayings that the bytes so far allow; null once the answer is known to be the function's. */
  #open: readonly Suspicion[] | null
  #status: number
  #headers: HeaderList | null
  #held: Buffer[]
  #over: boolean

  /**
   * @param sayings Null where `suspicions` is overridden.
   * @param isHead An answer to HEAD: told by the length it declares.
   * @param nameLength Length of the function's name as the platform says it.
   */
  constructor(sink: Sink, sayings: Sayings | null, isHead: boolean, nameLength = 0) {
    this.#sink = sink
    this.#sayings = sayings
    this.#isHead = isHead
    this.#nameLength = nameLength
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
    const open = this.suspicions(status, headers)
    if (open !== null && open.length > 0) {
      if (this.#isHead) {
        const said = open.find((saying) => saysByLength(saying, headers, this.#nameLength))
        if (said !== undefined) {
          this.#conclude(said)
          return
        }
      } else {
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

  #conclude(said: Suspicion): void {
    this.#over = true
    this.#flow?.abort()
    this.failed(said)
  }

  #release(): void {
    const held = this.#held
    this.#open = null
    this.#held = []
    this.#relayHead(this.#status, this.#headers!)
    for (const chunk of held) this.#sink.data(chunk)
  }

  #relayHead(status: number, headers: HeaderList): void {
    this.edit(status, headers)
    this.#sink.head(status, headers)
  }

  /** What an answer with this head may turn out to say; null or none for what is certainly the function's. */
  protected suspicions(status: number, headers: HeaderList): readonly Suspicion[] | null {
    return this.#sayings?.has(status) === true ? this.#sayings.for({ status, headers }) : null
  }

  /** Edits the head of an answer of the function before it is passed on. */
  protected edit(_status: number, _headers: HeaderList): void {}

  /** Says what the platform said. */
  protected failed({ outcome, detail }: Suspicion): void {
    this.#sink.fail(outcome, detail)
  }
}
