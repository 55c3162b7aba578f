import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Failure } from './outcomes.ts'

/** What an answer of Lambda is read into: the answer of the function, or a failure. Nothing follows `end` or `fail`. */
export interface AnswerTarget {
  head(status: number, headers: HeaderList): void
  data(chunk: Buffer): void
  end(): void
  fail(failure: Failure): void
  /** The last lines of the log of the call, in base64. */
  logTail(encoded: string): void
}

/** One way to read the body of an answer of Lambda. */
export interface Reading {
  data(chunk: Buffer): void
  end(): void
}
