/** Who is calling, once established. Built when a credential is first verified, then shared and frozen. */
export interface Principal {
  /** Unique only together with `issuer`. */
  readonly subject: string
  /** Issuer of the token, `api-key`, or `kong` and `kong-user` for whom Kong authenticated. The same subject at two issuers is two principals. */
  readonly issuer: string
  readonly organization: string
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly groups: readonly string[]
  /** `issuer` and `subject` in one string that no other principal has; the key of per-principal limits. */
  readonly key: string
  /** Milliseconds since 1970 from which on the credential is refused; Infinity for one without an end. */
  readonly expiresAt: number
  /** Kind of credential that proved it. */
  readonly credential: 'jwt' | 'api-key' | 'assertion'
}
