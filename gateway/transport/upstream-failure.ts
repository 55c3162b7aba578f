import type { Outcome } from '../contract/outcome.ts'

/** Errors of undici that say: the bytes were not those of an HTTP answer. */
const MALFORMED = new Set(['HTTPParserError', 'HeadersOverflowError', 'ResponseExceededMaxSizeError'])

/** The parser's words for an answer that ends early: cut, not malformed. */
const CUT = /EOF state|eof/i

/** How far an attempt got: nothing sent, maybe sent, head of the answer seen. */
export type Stage = 'queued' | 'sent' | 'answering'

/** What an error of the upstream connection means at this stage. */
export function outcomeOf(error: unknown, stage: Stage): Outcome {
  const { name, code, message } = error as Error & { code?: unknown }
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') return 'driver-error'
  if (stage === 'queued') return 'unreachable'
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && stage === 'sent') return 'malformed'
  if (MALFORMED.has(name))
    return CUT.test(message) || code === 'HPE_INVALID_EOF_STATE' ? 'reset' : 'malformed'
  return message === 'bad response' || message === 'bad upgrade' ? 'malformed' : 'reset'
}

/** One line for the operator's log: code and message, never a stack, never credentials of a URL. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as { code?: unknown }
  const first = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error
  const text = first.message.replace(/\/\/[^/@\s]*@/g, '//').slice(0, 300)
  return typeof code === 'string' && !text.includes(code) ? `${code}: ${text}` : text
}
