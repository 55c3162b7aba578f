import type { KeyObject } from 'node:crypto'
import type { Algorithm } from '../config/schema.ts'

const OF_SECRETS: readonly Algorithm[] = ['HS256', 'HS384', 'HS512']
const OF_RSA: readonly Algorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']
const OF_CURVES: Readonly<Record<string, readonly Algorithm[]>> = {
  prime256v1: ['ES256'],
  secp384r1: ['ES384'],
  secp521r1: ['ES512'],
}

/**
 * The algorithms that a key can verify, by its kind alone (RFC 7518, section 3.1); none for kinds that we do not
 * use. A secret never fits an algorithm for public keys, nor the other way round.
 */
export function algorithmsOf(key: KeyObject): readonly Algorithm[] {
  if (key.type === 'secret') return OF_SECRETS
  if (key.type !== 'public') return []
  if (key.asymmetricKeyType === 'rsa') return OF_RSA
  if (key.asymmetricKeyType !== 'ec') return []
  return OF_CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? []
}
