import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'
import type { Log } from '../../gateway/contract/plugin.ts'
import type { Flow } from '../../gateway/contract/sink.ts'
import type { Transport } from '../../gateway/contract/transport.ts'
import { type AnswerTaker, WholeAnswer } from '../../gateway/contract/whole-answer.ts'

/** Milliseconds before the first look at an activation, and the most between two. */
const FIRST_LOOK_MS = 250
const LATEST_LOOK_MS = 2000

/** A result has at most 1 MB; a record also holds up to 10 MB of logs. */
const MOST_RECORD_BYTES = 16 * 1024 * 1024

/** Where a platform is asked, and by whom. */
export interface Namespace {
  readonly transport: Transport
  readonly log: Log
  readonly origin: string
  /** Path of the namespace in the API. */
  readonly base: string
  /** `Basic …`. */
  readonly authorization: string
}

export interface RecordTaker {
  /** The record of an activation that is over; once. */
  recordTaken(status: number, headers: HeaderList, body: Buffer): void
  /** There is one that cannot be read; once, in the place of the other. */
  recordUnreadable(outcome: Outcome, detail: string): void
}

/** Asks for one thing by the API, with the key of the namespace. */
export function ask(
  { transport, origin, base, authorization }: Namespace,
  requestId: string,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body: Buffer | null },
  taker: AnswerTaker,
): void {
  // The platform takes the id for its own transaction.
  const headers = ['authorization', authorization, 'accept', 'application/json', 'x-request-id', requestId]
  if (body !== null) headers.push('content-type', 'application/json')
  const bodyLength = body?.length ?? 0
  const answer = new WholeAnswer(taker, MOST_RECORD_BYTES)
  transport.send({ origin, method, path: base + path, headers, body, bodyLength }, answer)
}

/** Looks at an activation that goes on until its record is there: a second or so after it is over. */
export class ActivationWatch implements AnswerTaker {
  readonly #namespace: Namespace
  readonly #requestId: string
  readonly #activationId: string
  readonly #taker: RecordTaker
  #flow: Flow | null
  #timer: NodeJS.Timeout | null
  #nextLookMs: number
  #over: boolean

  constructor(namespace: Namespace, requestId: string, activationId: string, taker: RecordTaker) {
    this.#namespace = namespace
    this.#requestId = requestId
    this.#activationId = activationId
    this.#taker = taker
    this.#flow = null
    this.#timer = null
    this.#nextLookMs = FIRST_LOOK_MS
    this.#over = false
  }

  begin(): void {
    this.#timer = setTimeout(() => this.#look(), this.#nextLookMs)
    this.#nextLookMs = Math.min(LATEST_LOOK_MS, this.#nextLookMs * 1.5)
  }

  /** Nobody waits any more. The activation goes on; the log has its id. */
  stop(): void {
    if (this.#over) return
    this.#over = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#flow?.abort()
    const fields = { id: this.#requestId, activation: this.#activationId }
    this.#namespace.log.warn(fields, 'an activation goes on that nobody waits for any more')
  }

  answerStarted(flow: Flow): void {
    this.#flow = flow
  }

  answerTaken(status: number, headers: HeaderList, body: Buffer): void {
    if (this.#over) return
    if (status !== 200) {
      this.begin()
      return
    }
    this.#over = true
    this.#taker.recordTaken(status, headers, body)
  }

  /** Not to hear of an activation for a while does not end it. */
  answerFailed(outcome: Outcome, detail: string): void {
    if (this.#over) return
    if (outcome !== 'function-error') {
      this.begin()
      return
    }
    this.#over = true
    this.#taker.recordUnreadable(outcome, detail)
  }

  #look(): void {
    const path = `/activations/${this.#activationId}`
    ask(this.#namespace, this.#requestId, { method: 'GET', path, body: null }, this)
  }
}
