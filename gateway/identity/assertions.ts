import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { KongIdentityConfig } from '../config/schema.ts'
import { assertedPrincipal, issuerOf } from './asserted-principal.ts'
import { AssertedRequest, Assertion, copyOf, pathOf } from './assertion.ts'
import { type AssertionClaims, readAssertionClaims } from './assertion-claims.ts'
import { AssertionKeys } from './assertion-keys.ts'
import type { Reason } from './rejections.ts'
import { decodeSegment } from './token-syntax.ts'

/** The plugin makes no longer ones. */
const LONGEST = 8192
/** Bytes for the assertions that are kept, on one thread. */
const MOST_BYTES = 64 * 1024 * 1024
/** What an entry takes beside its text. */
const ENTRY_BYTES = 1024

/**
 * Verifies what a trusted proxy says of a request in `dispatch-assertion` (contract: kong-plugins/dispatch-edge/README.md).
 * What was verified is kept by its exact bytes until it expires; only good ones are.
 */
export class Assertions {
  readonly #config: KongIdentityConfig
  readonly #keys: AssertionKeys
  readonly #clock: () => number
  readonly #known: LRUCache<string, Assertion> | null

  /**
   * @param most Assertions to keep; 0 for none.
   * @param clock Milliseconds since 1970.
   */
  constructor(config: KongIdentityConfig, most: number, clock: () => number) {
    this.#config = config
    this.#keys = new AssertionKeys(config.keys)
    this.#clock = clock
    this.#known = most === 0 ? null : new LRUCache({ max: most, maxSize: MOST_BYTES })
  }

  /**
   * @param host As the proxy says in `x-forwarded-host`.
   * @param target As the proxy sent it.
   * @returns Why it is refused, when it is.
   */
  verify(text: string, method: string, host: string, target: string): Assertion | Reason {
    const nowMs = this.#clock()
    const known = this.#known?.get(text)
    if (known === undefined) return this.#learn(text, method, host, target, nowMs)
    if (nowMs >= known.expiresMs) {
      this.#known?.delete(text)
      return 'assertion-expired'
    }
    return known.request === null || known.request.is(method, host, target) ? known : 'assertion-request'
  }

  #learn(text: string, method: string, host: string, target: string, nowMs: number): Assertion | Reason {
    const claims = this.#open(text)
    if (typeof claims === 'string') return claims
    const refusal = this.#check(claims, nowMs)
    if (refusal !== null) return refusal
    if (claims.req !== null && claims.req !== requestDigest(method, host, target)) return 'assertion-request'
    const principal = assertedPrincipal(claims, this.#config)
    if (principal === 'subject') return 'assertion-subject'
    const request = claims.req === null ? null : new AssertedRequest(method, host, target)
    const assertion = new Assertion(
      issuerOf(claims),
      principal === 'organization' ? null : principal,
      claims.zone,
      this.#endOf(claims),
      request,
    )
    const copy = copyOf(text)
    this.#known?.set(copy, assertion, { size: 2 * copy.length + ENTRY_BYTES })
    return assertion
  }

  /** The claims, when the outside is in order and the signature is right. */
  #open(text: string): AssertionClaims | Reason {
    if (text.length > LONGEST) return 'assertion-malformed'
    const [header, payload, signature, ...more] = text.split('.', 4)
    if (signature === undefined || more.length > 0) return 'assertion-malformed'
    const verdict = this.#keys.judge(header!, `${header}.${payload}`, signature)
    if (verdict === 'key-unknown') return 'assertion-key-unknown'
    if (verdict === 'bad') return 'assertion-signature'
    const bytes = decodeSegment(payload!)
    return (bytes === null ? null : readAssertionClaims(bytes)) ?? 'assertion-malformed'
  }

  #check(claims: AssertionClaims, nowMs: number): Reason | null {
    const { audience, skew, maxLifetime, boundToRequest } = this.#config
    const { aud, exp, iat, req } = claims
    if (aud !== audience) return 'assertion-audience'
    if (exp <= iat || (exp - iat) * 1000 > maxLifetime) return 'assertion-lifetime'
    if (nowMs >= this.#endOf(claims)) return 'assertion-expired'
    if (iat * 1000 > nowMs + skew) return 'assertion-not-yet-valid'
    return boundToRequest && req === null ? 'assertion-unbound' : null
  }

  #endOf({ exp }: AssertionClaims): number {
    return exp * 1000 + this.#config.skew
  }
}

/** What the claim `req` holds for a request: SHA-256 over method, host and path, one in a line. */
function requestDigest(method: string, host: string, target: string): string {
  return hash('sha256', Buffer.from(`${method}\n${host}\n${pathOf(target)}`, 'latin1'), 'base64url')
}
