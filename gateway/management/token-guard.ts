import { createHash, timingSafeEqual } from 'node:crypto'
import { Rejection } from '../contract/rejection.ts'

const CHALLENGE = 'Bearer realm="dispatch-management"'

const MISSING = new Rejection('GW_UNAUTHENTICATED', 'Send the management token as a bearer token.', [
  'www-authenticate',
  CHALLENGE,
])
const WRONG = new Rejection('GW_CREDENTIAL_INVALID', 'This is not the management token of this gateway.', [
  'www-authenticate',
  `${CHALLENGE}, error="invalid_token"`,
])

const BEARER = /^bearer +([\x21-\x7e]+)$/i

/**
 * Lets the holder of the management token pass. Digests are compared, in constant time, so that neither the token nor
 * its length can be found by measuring.
 */
export function createTokenGuard(token: string): (authorization: string | undefined) => Rejection | null {
  const expected = digest(token)
  return (authorization) => {
    if (authorization === undefined) return MISSING
    const given = BEARER.exec(authorization)?.[1]
    return given !== undefined && timingSafeEqual(digest(given), expected) ? null : WRONG
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
