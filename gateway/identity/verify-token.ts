import { checkClaims, expiryMs } from './check-claims.ts'
import { createPrincipal } from './create-principal.ts'
import type { Reason } from './rejections.ts'
import { type Claims, claim, readClaims, readSignedToken, type SignedToken } from './token-syntax.ts'
import type { TrustedIssuer } from './trusted-issuer.ts'
import { VerifiedToken } from './verified-tokens.ts'
import { verifySignature } from './verify-signature.ts'

/** A token in which everything is right that can be judged without a key. It is not to be believed yet. */
export interface ClaimedToken {
  readonly token: SignedToken
  readonly claims: Claims
  readonly issuer: TrustedIssuer
}

/** Why a token was not accepted; `organization` and `unavailable` are no fault in the token. */
export type Refusal = Reason | 'organization' | 'unavailable'

/**
 * Judges syntax, issuer, algorithm and claims. This comes before the signature, which costs the most: clients that
 * repeat an expired token are common.
 */
export function examineToken(
  text: string,
  issuers: ReadonlyMap<string, TrustedIssuer>,
  nowMs: number,
): ClaimedToken | Reason {
  const token = readSignedToken(text)
  if (typeof token === 'string') return token
  const claims = readClaims(token)
  if (claims === null) return 'malformed'
  const iss = claim(claims, 'iss')
  const issuer = typeof iss === 'string' ? issuers.get(iss) : undefined
  if (issuer === undefined) return 'issuer-unknown'
  if (!issuer.config.algorithms.some((name) => name === token.algorithm)) return 'algorithm-refused'
  return checkClaims(token, claims, issuer.config, nowMs) ?? { token, claims, issuer }
}

/** Judges the signature with the keys that are there now, and tells whom the token speaks of. */
export function verifyToken(claimed: ClaimedToken, nowMs: number): VerifiedToken | Refusal {
  const { token, claims, issuer } = claimed
  const keys = issuer.keys.current(nowMs)
  if (keys === null) return 'unavailable'
  const key = verifySignature(token, keys)
  if (typeof key === 'string') return key
  const expiresMs = expiryMs(claims, issuer.config)
  const principal = createPrincipal(claims, issuer.config, expiresMs)
  if (typeof principal === 'string') return principal
  return new VerifiedToken(principal, issuer.keys, key, expiresMs)
}

/**
 * Asks for newer keys when they could change a refusal: no key fits, or one without a name was replaced by another
 * without a name.
 *
 * @returns A promise that never rejects: verify again when it settles. Null when the refusal is final.
 */
export function awaitKeys(
  { token, issuer }: ClaimedToken,
  refusal: Refusal,
  nowMs: number,
): Promise<void> | null {
  const unnamed = refusal === 'signature' && token.keyId === null
  if (refusal !== 'unavailable' && refusal !== 'key-unknown' && !unnamed) return null
  return issuer.keys.refresh(token.keyId, nowMs)
}
