import jwt from 'jsonwebtoken'
import type { Algorithm } from '../config/schema.ts'
import type { KeySet } from './key-set.ts'
import type { SignedToken } from './token-syntax.ts'
import type { VerificationKey } from './verification-key.ts'

/**
 * Finds the key that signed a token.
 *
 * @returns The key; 'key-unknown' when none can be meant, 'signature' when none of those that can did sign it.
 */
export function verifySignature(
  token: SignedToken,
  keys: KeySet,
): VerificationKey | 'key-unknown' | 'signature' {
  const candidates = keys.candidates(token.keyId, token.algorithm)
  if (candidates.length === 0) return 'key-unknown'
  return candidates.find((key) => isSignedBy(token, key)) ?? 'signature'
}

/** Claims are judged elsewhere (claims.ts), more strictly than the library would. */
function isSignedBy(token: SignedToken, key: VerificationKey): boolean {
  const algorithms = [token.algorithm as Algorithm]
  try {
    jwt.verify(token.text, key.material, { algorithms, ignoreExpiration: true, ignoreNotBefore: true })
    return true
  } catch {
    // The library says no by throwing, in many ways: wrong signatures of odd length throw from deep inside it.
    return false
  }
}
