import type { HeaderList } from '../../gateway/contract/headers.ts'
import type { Outcome } from '../../gateway/contract/outcome.ts'

/** Head of an answer. */
export interface AnswerHead {
  readonly status: number
  readonly headers: HeaderList
}

/** Something that a platform itself says in the place of a function, and what it means. */
export interface Saying<Head extends AnswerHead = AnswerHead> {
  readonly status: number
  /** Whether the head can be that of this saying. */
  fits(head: Head): boolean
  /** Whole body, or its first bytes up to the bound. */
  readonly body: RegExp
  /** What every such body begins with, so that others are told at their first byte. */
  readonly prefix: string
  /**
   * Length of the body for a function whose name has this length, behind this head: tells for HEAD. Absent when it varies.
   */
  length?(nameLength: number, headers: HeaderList): number
  readonly outcome: Outcome
  readonly detail: string
}

/** Bytes of a body that are looked at: every saying is shorter or known by its beginning. */
export const SAYING_BYTES = 512

/** Bodies that are empty, or whatever they are. */
export const EMPTY = /^$/
export const ANYTHING = /^/

/** Short enough to be a saying. */
export function isShort(headers: HeaderList): boolean {
  return Number(headers.get('content-length') ?? NaN) <= SAYING_BYTES
}

/** Go's `http.Error`: how most of these platforms say what went wrong with them. */
export function isGoError(headers: HeaderList): boolean {
  return (
    headers.get('content-type') === 'text/plain; charset=utf-8' &&
    isShort(headers) &&
    headers.has('x-content-type-options')
  )
}

const NONE: readonly Saying[] = []

/** What a platform is known to say. */
export class Sayings<Head extends AnswerHead = AnswerHead> {
  readonly #byStatus: ReadonlyMap<number, readonly Saying<Head>[]>

  constructor(sayings: readonly Saying<Head>[]) {
    this.#byStatus = Map.groupBy(sayings, ({ status }) => status)
  }

  /** False for statuses that are always the function's. */
  has(status: number): boolean {
    return this.#byStatus.has(status)
  }

  /** What this head may turn out to say, the most telling first. */
  for(head: Head): readonly Saying<Head>[] {
    return this.#byStatus.get(head.status)?.filter((saying) => saying.fits(head)) ?? NONE
  }
}

/**
 * Whether this saying is what the body is: null while more bytes could still make it so.
 *
 * @param body What has arrived, up to the bound.
 * @param final True when no more bytes will be looked at.
 */
export function saysSo(
  { body: pattern, prefix }: Pick<Saying, 'body' | 'prefix'>,
  body: string,
  final: boolean,
): boolean | null {
  if (final) return body.startsWith(prefix) && pattern.test(body)
  if (pattern === EMPTY) return body === '' ? null : false
  return body.startsWith(prefix) || prefix.startsWith(body) ? null : false
}

/** Whether an answer to HEAD, which has no body, would say this. */
export function saysByLength(
  saying: Pick<Saying, 'body' | 'prefix' | 'length'>,
  headers: HeaderList,
  nameLength: number,
): boolean {
  if (saying.body === ANYTHING) return saying.prefix === ''
  const length = Number(headers.get('content-length') ?? 0)
  return saying.length !== undefined && saying.length(nameLength, headers) === length
}
