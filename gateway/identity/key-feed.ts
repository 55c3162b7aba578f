/** A public key as JWK (RFC 7517). */
export type PublishedKey = Readonly<Record<string, unknown>>

/** What is known of the published keys of one issuer. Plain data: it travels between threads. */
export interface JwksState {
  /** The `issuer` of the configuration. */
  readonly issuer: string
  /** Grows with every change of any issuer; what has a smaller one is older. */
  readonly version: number
  /** How the latest attempt went; `pending` before the first has ended. */
  readonly state: 'pending' | 'ready' | 'failing'
  /** Start of the latest attempt that has ended, in milliseconds since 1970; 0 before the first. */
  readonly attemptedAt: number
  /** Start of the latest attempt that gave keys; 0 when there was none. */
  readonly fetchedAt: number
  /** Public keys for signatures. Those of the latest success, also while attempts fail. */
  readonly keys: readonly PublishedKey[]
}

/**
 * Where threads that verify tokens get keys from: the JWKS sources on the main thread, directly or over messages, so
 * that there is one fetch for all threads.
 */
export interface KeyFeed {
  /** What is known now; null for an issuer without JWKS. */
  current(issuer: string): JwksState | null
  /**
   * Asks for news, because a key is missing. Resolves when a fetch has ended, at once when it is too early for
   * another one.
   *
   * @param keyId The `kid` that is missing, or null when there are no keys at all or the token names none.
   */
  refresh(issuer: string, keyId: string | null): Promise<JwksState>
  /** The listener hears every new state. Returns the way to stop that. */
  subscribe(listener: (state: JwksState) => void): () => void
}
