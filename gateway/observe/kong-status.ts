/** How a Kong in front is kept in step. Times are milliseconds since 1970, 0 for never. Holds no secret. */
export interface KongStatus {
  readonly owner: string
  /** Of the Admin API. */
  readonly address: string
  /** Empty before Kong first answered. */
  readonly version: string
  /**
   * `in-step`: at the latest look all was as it should be. `off`: only commands write. `pending`: it has not been looked
   * yet. `passive`: another gateway has a newer configuration. `partly`: some of it cannot be, for the `problems`.
   * `failing`: Kong cannot be read or written.
   */
  readonly state: 'off' | 'pending' | 'in-step' | 'partly' | 'passive' | 'failing'
  /** Of the configuration, as it stands in the record when this gateway leads. */
  readonly generation: number
  /** Digest of all that should be there, and that of the record in Kong; null when there is none. */
  readonly desiredDigest: string
  readonly actualDigest: string | null
  /** How long that has not been in Kong, or not been known to be; 0 when it is. */
  readonly lagMs: number
  /** Entities that should be there, by kind. */
  readonly entities: Readonly<Record<string, number>>
  readonly lastInStepAt: number
  readonly nextLookAt: number
  /** Why the latest look failed; null when it did not. */
  readonly lastError: { readonly at: number; readonly message: string } | null
  /** What is not as it should be and cannot be changed, one sentence each; the first of them. */
  readonly problems: readonly string[]
  readonly problemCount: number
  /** Deletions that the guard keeps back. */
  readonly withheld: number
  /** Since the gateway started. */
  readonly total: {
    readonly looks: number
    readonly failedLooks: number
    readonly writes: number
    /** Entities that others had changed or deleted. */
    readonly driftFound: number
    readonly driftRepaired: number
  }
}
