import { type AuthConfig, type IdentityConfig, KONG_ISSUERS } from '../config/schema.ts'
import type { Call } from '../contract/call.ts'
import type { Principal } from '../contract/principal.ts'
import type { Rejection } from '../contract/rejection.ts'
import { turns } from '../contract/turns.ts'
import { API_KEY_ISSUER, ApiKeys } from './api-keys.ts'
import type { Assertion } from './assertion.ts'
import { Assertions } from './assertions.ts'
import {
  bearerToken,
  findCredential,
  hasTokenInQuery,
  isAuthorization,
  NONE,
  SEVERAL,
} from './credentials.ts'
import type { KeyFeed } from './key-feed.ts'
import { IdentityRejections, type Reason } from './rejections.ts'
import { createTrustedIssuers, type TrustedIssuer } from './trusted-issuer.ts'
import { VerifiedToken, VerifiedTokens } from './verified-tokens.ts'
import { awaitKeys, examineToken, type Refusal, verifyToken } from './verify-token.ts'

/** What authentication needs of a call. */
export type CredentialCarrier = Pick<Call, 'rawHeaders' | 'query'>

interface Parts {
  readonly issuers: ReadonlyMap<string, TrustedIssuer>
  readonly apiKeys: ApiKeys
  readonly apiKeyHeader: string | null
  readonly assertions: Assertions | null
  readonly verified: VerifiedTokens
  readonly rejections: IdentityRejections
  readonly observer: TokenObserver
  readonly clock: () => number
}

/** Hears of each token that is judged by its signature, or by what was found out about it before. */
export interface TokenObserver {
  tokenKnown(): void
  tokenVerified(): void
}

const NOBODY: TokenObserver = { tokenKnown: () => {}, tokenVerified: () => {} }

/**
 * Makes the Authenticator of one thread. It holds the tokens that were verified: keep it over a reload that leaves
 * `identity` as it is, and close it when it is replaced.
 *
 * @param feed Where published keys come from.
 * @param options.clock Milliseconds since 1970; the machine's own clock by default.
 * @throws Error with a sentence for the operator when a configured key, an issuer or the realm cannot be used.
 */
export function createAuthenticator(
  identity: IdentityConfig,
  feed: KeyFeed,
  options: { readonly clock?: () => number; readonly observer?: TokenObserver } = {},
): Authenticator {
  const taken = identity.issuers.find(({ issuer }) => RESERVED.includes(issuer))
  if (taken !== undefined) {
    const what = taken.issuer === API_KEY_ISSUER ? 'API keys' : 'callers that Kong authenticates'
    throw new Error(`an issuer may not be named ${taken.issuer}: that is the name of ${what}`)
  }
  const { header, keys } = identity.apiKeys
  const clock = options.clock ?? (() => turns.time)
  return new Authenticator({
    rejections: new IdentityRejections(identity.realm),
    apiKeys: new ApiKeys(keys),
    // Without keys the header is an ordinary one, that a function may use for itself.
    apiKeyHeader: keys.length > 0 ? header.toLowerCase() : null,
    assertions: identity.kong === null ? null : new Assertions(identity.kong, identity.cache.tokens, clock),
    verified: new VerifiedTokens(identity.cache.tokens),
    observer: options.observer ?? NOBODY,
    clock,
    issuers: createTrustedIssuers(identity.issuers, feed),
  })
}

/** Issuers that principals have without a token. */
const RESERVED: readonly string[] = [API_KEY_ISSUER, ...KONG_ISSUERS]

/** Tells who is calling. */
export class Authenticator {
  /** Judges what proxies in front say of their callers; null when nobody is believed. */
  readonly assertions: Assertions | null
  readonly #issuers: ReadonlyMap<string, TrustedIssuer>
  readonly #apiKeys: ApiKeys
  readonly #apiKeyHeader: string | null
  readonly #verified: VerifiedTokens
  readonly #rejections: IdentityRejections
  readonly #observer: TokenObserver
  readonly #clock: () => number

  constructor(parts: Parts) {
    this.#issuers = parts.issuers
    this.#apiKeys = parts.apiKeys
    this.#apiKeyHeader = parts.apiKeyHeader
    this.assertions = parts.assertions
    this.#verified = parts.verified
    this.#rejections = parts.rejections
    this.#observer = parts.observer
    this.#clock = parts.clock
  }

  /**
   * The principal of a call, or why there is none: 400 for more than one credential, 401 for none or an invalid one,
   * 403 for an organization that the issuer may not speak for, 503 when the keys to judge it with are missing.
   *
   * Whom a proxy in front authenticated is the caller, whatever else the request holds: other credentials in it are those
   * that the proxy looked at. On a route that does not take its word they decide.
   *
   * @param auth What the route demands. Only its issuers and kinds of credential are looked at here.
   * @param asserted What `assertions` made of the word of a trusted proxy; null when there is none.
   * @returns A promise only while keys are fetched; it never rejects.
   */
  authenticate(
    call: CredentialCarrier,
    auth: AuthConfig,
    asserted: Assertion | Reason | null = null,
  ): Principal | Rejection | Promise<Principal | Rejection> {
    if (asserted !== null) {
      if (typeof asserted === 'string') return this.#rejections.invalid(asserted)
      const { issuer } = asserted
      if (issuer !== null && (auth.issuers === null || auth.issuers.includes(issuer)))
        return asserted.principal ?? this.#rejections.organization
    }
    const at = findCredential(call.rawHeaders, this.#apiKeyHeader)
    if (at === SEVERAL || hasTokenInQuery(call.query)) return this.#rejections.conflict
    if (at === NONE) return this.#rejections.missing
    const value = call.rawHeaders[at + 1]!
    return isAuthorization(call.rawHeaders[at]!) ? this.#byToken(value, auth) : this.#byApiKey(value, auth)
  }

  /** Stops listening to the key feed. */
  close(): void {
    for (const { keys } of this.#issuers.values()) keys.close()
  }

  #byApiKey(value: string, auth: AuthConfig): Principal | Rejection {
    if (!auth.apiKeys) return this.#rejections.invalid('api-key-not-on-route')
    const found = this.#apiKeys.find(value, this.#clock())
    return typeof found === 'string' ? this.#rejections.invalid(found) : found
  }

  #byToken(authorization: string, auth: AuthConfig): Principal | Rejection | Promise<Principal | Rejection> {
    const nowMs = this.#clock()
    const known = this.#verified.get(authorization, nowMs)
    if (known !== null) {
      this.#observer.tokenKnown()
      return this.#admit(known, auth)
    }
    const text = bearerToken(authorization)
    if (text === null) return this.#rejections.missing
    // Of the 64 ways to write the scheme one is kept: nobody fills the cache with one token.
    if (!authorization.startsWith('Bearer')) return this.#byToken(`Bearer ${text}`, auth)

    const claimed = examineToken(text, this.#issuers, nowMs)
    if (typeof claimed === 'string') return this.#rejections.invalid(claimed)
    this.#observer.tokenVerified()
    const verdict = verifyToken(claimed, nowMs)
    const news = verdict instanceof VerifiedToken ? null : awaitKeys(claimed, verdict, nowMs)
    if (news === null) return this.#conclude(authorization, verdict, auth)
    return news.then(() => {
      // Of many calls that waited with the same token only the first has to verify it.
      const nowMs = this.#clock()
      const known = this.#verified.get(authorization, nowMs)
      return known !== null
        ? this.#admit(known, auth)
        : this.#conclude(authorization, verifyToken(claimed, nowMs), auth)
    })
  }

  #conclude(
    authorization: string,
    verdict: VerifiedToken | Refusal,
    auth: AuthConfig,
  ): Principal | Rejection {
    if (verdict === 'unavailable') return this.#rejections.unavailable
    if (verdict === 'organization') return this.#rejections.organization
    if (typeof verdict === 'string') return this.#rejections.invalid(verdict)
    this.#verified.add(authorization, verdict)
    return this.#admit(verdict, auth)
  }

  #admit({ principal }: VerifiedToken, auth: AuthConfig): Principal | Rejection {
    if (auth.issuers === null || auth.issuers.includes(principal.issuer)) return principal
    return this.#rejections.invalid('issuer-not-on-route')
  }
}
