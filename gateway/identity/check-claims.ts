import type { IssuerConfig } from '../config/schema.ts'
import type { Reason } from './rejections.ts'
import { type Claims, claim, type SignedToken } from './token-syntax.ts'

/** What an issuer's tokens must fulfil; durations in milliseconds. */
export type ClaimRules = Pick<IssuerConfig, 'audiences' | 'profile' | 'skew' | 'maxLifetime'>

/** Year 33 658: what stands above is no date but an overflow. */
const LAST_SECOND = 1e12
const ACCESS_TOKEN_TYPES = ['at+jwt', 'application/at+jwt']
const TYPES = [...ACCESS_TOKEN_TYPES, 'jwt', 'application/jwt']
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash']

/**
 * Judges the claims of a token, its issuer and signature aside (RFC 7519, section 4.1; RFC 8725; RFC 9068, section 4).
 *
 * @param nowMs Milliseconds since 1970.
 * @returns Why the token is refused, or null.
 */
export function checkClaims(
  token: SignedToken,
  claims: Claims,
  rules: ClaimRules,
  nowMs: number,
): Reason | null {
  return checkKind(token, claims, rules) ?? checkAudience(claims, rules) ?? checkTimes(claims, rules, nowMs)
}

/** Milliseconds since 1970 from which on the token is refused. Only for claims that passed the check. */
export function expiryMs(claims: Claims, rules: ClaimRules): number {
  return (claim(claims, 'exp') as number) * 1000 + rules.skew
}

/** Only access tokens, and only those that the bearer need not prove to own (RFC 8705, RFC 9449). */
function checkKind(token: SignedToken, claims: Claims, rules: ClaimRules): Reason | null {
  const type = token.type?.toLowerCase() ?? null
  if (rules.profile === 'at+jwt') {
    if (type === null || !ACCESS_TOKEN_TYPES.includes(type)) return 'type'
    const complete =
      typeof claim(claims, 'client_id') === 'string' && typeof claim(claims, 'jti') === 'string'
    if (!complete || claim(claims, 'iat') === undefined) return 'profile'
  }
  if (type !== null && !TYPES.includes(type)) return 'type'
  if (ID_TOKEN_CLAIMS.some((name) => claim(claims, name) !== undefined)) return 'id-token'
  return claim(claims, 'cnf') === undefined ? null : 'bound'
}

function checkAudience(claims: Claims, rules: ClaimRules): Reason | null {
  const aud = claim(claims, 'aud')
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  if (!named.every((name) => typeof name === 'string')) return 'audience'
  return named.some((name) => rules.audiences.includes(name)) ? null : 'audience'
}

function checkTimes(claims: Claims, rules: ClaimRules, nowMs: number): Reason | null {
  const exp = claim(claims, 'exp')
  const nbf = claim(claims, 'nbf')
  const iat = claim(claims, 'iat')
  if (!isDate(exp)) return 'expiry-missing'
  if (nowMs >= expiryMs(claims, rules)) return 'expired'
  if (nbf !== undefined && !(isDate(nbf) && nbf * 1000 <= nowMs + rules.skew)) return 'not-yet-valid'
  if (!isDate(iat) || iat * 1000 > nowMs + rules.skew) return 'issued-at'
  return (exp - iat) * 1000 > rules.maxLifetime ? 'lifetime' : null
}

/** A NumericDate (RFC 7519, section 2): seconds, possibly with a fraction. */
function isDate(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < LAST_SECOND
}
