import type { Reason } from './rejections.ts'
import { parseStrictJson } from './strict-json.ts'

const LONGEST_TOKEN = 16 * 1024
const LONGEST_KEY_ID = 256
/** Parameters that change what the rest means. We understand none, so none may be there (RFC 7515, section 4.1.11). */
const EXTENSIONS = ['crit', 'b64', 'zip']
const SEGMENT = /^[A-Za-z0-9_-]*$/

/** A compact JWS whose outside is in order. Nothing is verified. */
export interface SignedToken {
  readonly text: string
  readonly algorithm: string
  readonly keyId: string | null
  /** Header parameter `typ`. */
  readonly type: string | null
  readonly payload: Buffer
}

/** Claims of a token, by name. Look up with `claim`: the names come from the configuration. */
export type Claims = Readonly<Record<string, unknown>>

/**
 * Reads the outside of a compact JWS more strictly than JOSE libraries do: at most 16 KiB, three segments in
 * base64url with one spelling only, and a header object without surprises. `jku`, `x5u`, `jwk` and `x5c` are left
 * alone: a key never comes from the token (RFC 8725, section 3.10).
 *
 * @returns Why it was refused, when it was.
 */
export function readSignedToken(text: string): SignedToken | Reason {
  if (text.length > LONGEST_TOKEN) return 'malformed'
  const [first, second, third, ...more] = text.split('.', 4)
  if (third === undefined || more.length > 0) return 'malformed'
  const head = decodeSegment(first!)
  const payload = decodeSegment(second!)
  if (head === null || payload === null || third === '' || decodeSegment(third) === null) return 'malformed'

  const header = parseStrictJson(head)
  if (header === null) return 'malformed'
  if (EXTENSIONS.some((name) => Object.hasOwn(header, name))) return 'extension'
  const { alg, typ, kid } = header
  if (typeof alg !== 'string') return 'malformed'
  if (typ !== undefined && typeof typ !== 'string') return 'malformed'
  if (kid !== undefined && !isKeyId(kid)) return 'malformed'
  return { text, algorithm: alg, keyId: kid ?? null, type: typ ?? null, payload }
}

/** Claims of a token, or null when the payload is not a JSON object that has one reading only. */
export function readClaims(token: SignedToken): Claims | null {
  return parseStrictJson(token.payload)
}

/** Value of a claim, or undefined; never what objects inherit. */
export function claim(claims: Claims, name: string): unknown {
  return Object.hasOwn(claims, name) ? claims[name] : undefined
}

export function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_KEY_ID
}

/** Bytes of a segment; null unless encoding them again gives the same text (unused bits are zero, no padding). */
export function decodeSegment(segment: string): Buffer | null {
  if (!SEGMENT.test(segment)) return null
  const bytes = Buffer.from(segment, 'base64url')
  return bytes.toString('base64url') === segment ? bytes : null
}
