import { LRUCache } from 'lru-cache'
import type { Principal } from '../contract/principal.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import type { VerificationKey } from './verification-key.ts'

/** Bytes that one token may use on average before count no longer decides; a usual one takes 2 KiB. */
const BYTES_PER_TOKEN = 4096
/** Bytes for all of them, on one thread. */
const MOST_BYTES = 256 * 1024 * 1024
/** What an entry takes beside its text. */
const ENTRY_BYTES = 512

/** What was found out about a token when it was verified. */
export class VerifiedToken {
  readonly principal: Principal
  readonly keys: IssuerKeys
  readonly key: VerificationKey
  /** Milliseconds since 1970 from which on it is refused. */
  readonly expiresMs: number

  constructor(principal: Principal, keys: IssuerKeys, key: VerificationKey, expiresMs: number) {
    this.principal = principal
    this.keys = keys
    this.key = key
    this.expiresMs = expiresMs
  }

  /** False once it has expired, its key was withdrawn, or the issuer's keys are too old to be believed. */
  holds(nowMs: number): boolean {
    return nowMs < this.expiresMs && !this.key.withdrawn && this.keys.current(nowMs) !== null
  }
}

/**
 * Tokens that were verified, by the whole value of Authorization, so that no two can meet, and as it came: of a piece cut
 * out of it the hash would have to be computed for each call. The least recently used go first, by
 * count and by bytes. Only good tokens are kept: what strangers send cannot push them out.
 */
export class VerifiedTokens {
  readonly #tokens: LRUCache<string, VerifiedToken> | null

  /** @param most Tokens to keep; 0 for none. */
  constructor(most: number) {
    const maxSize = Math.min(most * BYTES_PER_TOKEN, MOST_BYTES)
    this.#tokens = most === 0 ? null : new LRUCache({ max: most, maxSize })
  }

  get(authorization: string, nowMs: number): VerifiedToken | null {
    const token = this.#tokens?.get(authorization)
    if (token === undefined) return null
    if (token.holds(nowMs)) return token
    this.#tokens?.delete(authorization)
    return null
  }

  add(authorization: string, token: VerifiedToken): void {
    // A copy: the value is a slice that would keep the whole head of the request in memory.
    const copy = Buffer.from(authorization, 'latin1').toString('latin1')
    this.#tokens?.set(copy, token, { size: 2 * copy.length + ENTRY_BYTES })
  }
}
