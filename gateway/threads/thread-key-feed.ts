import type { JwksState, KeyFeed } from '../identity/key-feed.ts'
import type { FromThread } from './messages.ts'

/** The key feed of a data-plane thread: asks the main thread, which fetches once for all. */
export class ThreadKeyFeed implements KeyFeed {
  readonly #states = new Map<string, JwksState>()
  readonly #listeners = new Set<(state: JwksState) => void>()
  readonly #asked = new Map<number, PromiseWithResolvers<JwksState>>()
  readonly #post: (message: FromThread) => void
  #next = 0

  constructor(known: readonly JwksState[], post: (message: FromThread) => void) {
    for (const state of known) this.#states.set(state.issuer, state)
    this.#post = post
  }

  current(issuer: string): JwksState | null {
    return this.#states.get(issuer) ?? null
  }

  refresh(issuer: string, keyId: string | null): Promise<JwksState> {
    const id = this.#next++
    const answer = Promise.withResolvers<JwksState>()
    this.#asked.set(id, answer)
    this.#post({ kind: 'keys-wanted', id, issuer, keyId })
    return answer.promise
  }

  subscribe(listener: (state: JwksState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A new state from the main thread. */
  take(state: JwksState): void {
    this.#states.set(state.issuer, state)
    for (const listener of this.#listeners) listener(state)
  }

  /** The answer to one question; null when the main thread has none. */
  answer(id: number, state: JwksState | null): void {
    const asked = this.#asked.get(id)
    this.#asked.delete(id)
    if (state === null) asked?.reject(new Error('the main thread has no keys of this issuer'))
    else asked?.resolve(state)
  }
}
