import { createPublicKey, createSecretKey, type KeyObject, type webcrypto } from 'node:crypto'
import { isKeyId } from './token-syntax.ts'
import { bindKey, type VerificationKey } from './verification-key.ts'

/** What makes up a public key; all else in a JWK describes it. */
const PUBLIC_MEMBERS = { RSA: ['n', 'e'], EC: ['crv', 'x', 'y'] }
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/**
 * A key of a JWKS (RFC 7517). Symmetric keys, keys for other purposes, keys with their private part, weak ones and
 * those that we cannot verify with are refused; the key itself decides nothing but its one algorithm.
 *
 * @param allowed Algorithms of the issuer.
 * @returns A sentence saying why the key is not used, when it is not.
 */
export function readJwk(jwk: unknown, allowed: readonly string[]): VerificationKey | string {
  if (typeof jwk !== 'object' || jwk === null) return 'it is not an object'
  const { kty, kid, use, key_ops: operations, alg } = jwk as Record<string, unknown>
  if (kid !== undefined && !isKeyId(kid)) return 'its kid is not a string of 1 to 256 characters'
  if (kty === 'oct') return 'it is symmetric: everybody who reads the set could sign with it'
  if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name))) return 'it has private members'
  if (use !== undefined && use !== 'sig') return 'it is not for signatures (use)'
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) {
    return 'it is not for verifying (key_ops)'
  }
  const material = importJwk(jwk as Record<string, unknown>)
  return typeof material === 'string' ? material : bindKey(kid ?? null, material, alg, allowed)
}

/**
 * A public key from the configuration, as PEM (public key or certificate) or as a JWK.
 *
 * @param id `kid` of its tokens.
 * @param algorithm The one algorithm it is for.
 * @returns A sentence saying why the key cannot be used, when it cannot.
 */
export function readPublicKey(id: string, algorithm: string, text: string): VerificationKey | string {
  const trimmed = text.trim()
  if (trimmed.startsWith('{')) return readJwkText(id, algorithm, trimmed)
  if (trimmed.includes('PRIVATE KEY')) return 'it is a private key: give the public one'
  const material = importPublicKey(trimmed)
  return typeof material === 'string' ? material : bindKey(id, material, algorithm, [algorithm])
}

/**
 * A secret that the gateway shares with an issuer.
 *
 * @returns A sentence saying why it cannot be used, when it cannot. It never holds a part of the secret.
 */
export function readSecret(id: string, algorithm: string, secret: string | Buffer): VerificationKey | string {
  const bytes = typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret
  const least = Number(algorithm.slice(2)) / 8
  if (bytes.length < least)
    return `a secret for ${algorithm} needs at least ${least} bytes (RFC 7518, section 3.2)`
  if (/^\s*(-----BEGIN|ssh-|\{\s*")/.test(bytes.toString('latin1'))) return 'it is a key file, not a secret'
  return bindKey(id, createSecretKey(bytes), algorithm, [algorithm])
}

function readJwkText(id: string, algorithm: string, text: string): VerificationKey | string {
  let jwk: unknown
  try {
    jwk = JSON.parse(text)
  } catch {
    return 'it is neither PEM nor a JWK'
  }
  return readJwk({ alg: algorithm, ...(jwk as object), kid: id }, [algorithm])
}

function importJwk(jwk: Readonly<Record<string, unknown>>): KeyObject | string {
  const { kty } = jwk
  const names = kty === 'RSA' || kty === 'EC' ? PUBLIC_MEMBERS[kty] : null
  if (names === null) return 'its kty is not one that we verify with'
  if (!names.every((name) => typeof jwk[name] === 'string')) return `it needs ${names.join(', ')} as strings`
  const members = Object.fromEntries(['kty', ...names].map((name) => [name, jwk[name]]))
  return importPublicKey(members as webcrypto.JsonWebKey)
}

function importPublicKey(key: string | webcrypto.JsonWebKey): KeyObject | string {
  try {
    return typeof key === 'string' ? createPublicKey(key) : createPublicKey({ key, format: 'jwk' })
  } catch {
    return 'it cannot be read as a public key'
  }
}
