import type { IssuerConfig, JwksConfig } from '../config/schema.ts'
import type { IssuerKeys } from './issuer-keys.ts'
import type { JwksState, KeyFeed } from './key-feed.ts'
import { KeySet, readKeySet, replaceKeySet } from './key-set.ts'

/** Added to the time of a fetch for the way to the main thread and back. */
const WAY_MS = 500

/** Published keys of one issuer as one thread sees them: kept ready for use, never fetched here. */
export class RemoteKeys implements IssuerKeys {
  readonly #issuer: IssuerConfig
  readonly #jwks: JwksConfig
  readonly #feed: KeyFeed
  readonly #unsubscribe: () => void
  #set = new KeySet([])
  #version = -1
  #attemptedAt = 0
  /** Milliseconds since 1970 from which on the keys are too old; 0 while there are none. */
  #usableUntil = 0
  /** The answer that everybody waits for who misses a key. */
  #pending: Promise<void> | null = null

  constructor(issuer: IssuerConfig, jwks: JwksConfig, feed: KeyFeed) {
    this.#issuer = issuer
    this.#jwks = jwks
    this.#feed = feed
    this.#unsubscribe = feed.subscribe((state) => this.#take(state))
    this.#take(feed.current(issuer.issuer))
  }

  current(nowMs: number): KeySet | null {
    return nowMs < this.#usableUntil ? this.#set : null
  }

  refresh(keyId: string | null, nowMs: number): Promise<void> | null {
    if (this.#pending !== null) return this.#pending
    if (nowMs - this.#attemptedAt < this.#jwks.cooldown) return null
    this.#pending = this.#ask(this.current(nowMs) === null ? null : keyId).finally(() => {
      this.#pending = null
    })
    return this.#pending
  }

  close(): void {
    this.#unsubscribe()
  }

  /** Bounded here too: the main thread may be stuck, and calls must not wait for it. */
  async #ask(keyId: string | null): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, this.#jwks.timeout + WAY_MS, null)
    })
    try {
      this.#take(await Promise.race([this.#feed.refresh(this.#issuer.issuer, keyId), late]))
    } catch {
      // Without an answer the keys stay as they are; the main thread reports why it has none.
    } finally {
      clearTimeout(timer)
    }
  }

  #take(state: JwksState | null): void {
    if (state === null || state.issuer !== this.#issuer.issuer || state.version <= this.#version) return
    this.#version = state.version
    this.#attemptedAt = state.attemptedAt
    this.#usableUntil = state.fetchedAt === 0 ? 0 : state.fetchedAt + this.#jwks.staleLimit
    this.#set = replaceKeySet(this.#set, readKeySet(state.keys, this.#issuer.algorithms).set)
  }
}
