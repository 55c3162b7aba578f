import type { IdentityConfig } from '../config/schema.ts'
import { type Authenticator, createAuthenticator, type TokenObserver } from '../identity/authenticator.ts'
import type { KeyFeed } from '../identity/key-feed.ts'

interface Held {
  readonly authenticator: Authenticator
  users: number
}

/**
 * The Authenticators of a thread. One is kept, with the tokens that it verified, over reloads that leave `identity` as
 * it is, and closes when the last Snapshot that uses it is gone.
 */
export class Authenticators {
  readonly #held = new Map<string, Held>()
  readonly #feed: KeyFeed
  readonly #observer: TokenObserver | undefined

  constructor(feed: KeyFeed, observer?: TokenObserver) {
    this.#feed = feed
    this.#observer = observer
  }

  /**
   * Every `acquire` is paired with one `release`.
   *
   * @throws Error with a sentence for the operator when a key cannot be used.
   */
  acquire(identity: IdentityConfig): Authenticator {
    const key = JSON.stringify(identity)
    let held = this.#held.get(key)
    if (held === undefined) {
      held = {
        authenticator: createAuthenticator(identity, this.#feed, { observer: this.#observer }),
        users: 0,
      }
      this.#held.set(key, held)
    }
    held.users++
    return held.authenticator
  }

  release(identity: IdentityConfig): void {
    const key = JSON.stringify(identity)
    const held = this.#held.get(key)
    if (held === undefined || --held.users > 0) return
    this.#held.delete(key)
    held.authenticator.close()
  }
}
