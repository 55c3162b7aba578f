import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Sink } from '../../gateway/contract/sink.ts'
import { JudgedAnswer, type Suspicion } from '../support/judged-answer.ts'
import { removeEchoedType, removePlatformFields } from './answer-fields.ts'
import { isSuspect, SAYINGS } from './sayings.ts'

/** What an answer is judged by, known when the request is sent. */
export interface AskedFor {
  /** Name as it stands in the target, with its namespace. */
  readonly functionName: string
  readonly isHead: boolean
  /** Content-Type of the request, which the platform gives to answers that have none. */
  readonly contentType: string | null
  /** Whether the platform takes it for a stream; see `asksForStream`. */
  readonly streaming: boolean
  /** When the request was sent, by `performance.now()`. */
  readonly sentAt: number
  /** Milliseconds after which the platform gives up on a function. */
  readonly upstreamTimeoutMs: number
}

/** Share of the platform's time-out after which its silence is taken for it; the clocks start at different moments. */
const NEARLY = 0.95

/**
 * Whether provider or watchdog take a request for that of a stream. Only for `text/event-stream` at its beginning the
 * gateway does too and passes pieces on as they come; but it is the other two whose errors then say nothing.
 */
export function asksForStream(accept: string | null): boolean {
  return accept !== null && /text\/event-stream|application\/x-ndjson/i.test(accept)
}

/** An answer of OpenFaaS: of the function, or of the platform in its place. */
export class PlatformAnswer extends JudgedAnswer {
  readonly #sink: Sink
  readonly #asked: AskedFor

  constructor(sink: Sink, asked: AskedFor) {
    super(sink, null, asked.isHead, asked.functionName.length)
    this.#sink = sink
    this.#asked = asked
  }

  protected override suspicions(status: number, headers: HeaderList): readonly Suspicion[] | null {
    const { streaming, isHead, contentType: requestType } = this.#asked
    return isSuspect(status, streaming)
      ? SAYINGS.for({ status, headers, streaming, isHead, requestType })
      : null
  }

  protected override edit(status: number, headers: HeaderList): void {
    removePlatformFields(headers)
    if (hasNoBody(status, headers) && !this.#asked.isHead) removeEchoedType(headers, this.#asked.contentType)
  }

  protected override failed(said: Suspicion): void {
    const { sentAt, upstreamTimeoutMs } = this.#asked
    const isSilence = said.status === 502 || said.status === 200
    const late = isSilence && performance.now() - sentAt >= upstreamTimeoutMs * NEARLY
    if (late) this.#sink.fail('timeout', 'the upstream_timeout of the platform has passed')
    else super.failed(said)
  }
}

function hasNoBody(status: number, headers: HeaderList): boolean {
  return status === 204 || status === 304 || headers.get('content-length') === '0'
}
