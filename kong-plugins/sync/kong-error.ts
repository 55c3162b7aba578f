import type { Json } from './entities.ts'

/** What went wrong between us and Kong; decides whether it is tried again. */
export type KongErrorKind =
  /** No connection, or one that was cut. */
  | 'unreachable'
  | 'timeout'
  /** 429. */
  | 'busy'
  /** 5xx. */
  | 'failed'
  /** 400: the entity is not what this Kong takes. */
  | 'invalid'
  /** 409: an entity with another id has its name. */
  | 'conflict'
  /** Something that it refers to is missing, or something refers to it. */
  | 'reference'
  /** 401 or 403. */
  | 'denied'
  /** 404 where something must be. */
  | 'missing'
  /** An answer that is none of an Admin API. */
  | 'malformed'
  /** We gave up. */
  | 'aborted'

const RETRYABLE: ReadonlySet<KongErrorKind> = new Set(['unreachable', 'timeout', 'busy', 'failed'])

interface KongErrorOptions {
  /** Status of the answer; 0 when there was none. */
  readonly status?: number
  /** `code` in Kong's error. */
  readonly code?: number
  /** Milliseconds that Kong asks to wait. */
  readonly retryAfterMs?: number
  readonly content?: Json
  readonly cause?: unknown
}

/** The Admin API refused, failed or did not answer. The message is one sentence without secrets. */
export class KongError extends Error {
  readonly kind: KongErrorKind
  readonly status: number
  readonly code: number
  readonly retryAfterMs: number
  /** What Kong answered, null when that was no JSON. May repeat secrets: for reading, never for showing. */
  readonly content: Json

  constructor(kind: KongErrorKind, message: string, options: KongErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.name = 'KongError'
    this.kind = kind
    this.status = options.status ?? 0
    this.code = options.code ?? 0
    this.retryAfterMs = options.retryAfterMs ?? 0
    this.content = options.content ?? null
  }

  /** The same request may succeed later. */
  get retryable(): boolean {
    return RETRYABLE.has(this.kind)
  }
}
