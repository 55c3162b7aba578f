import { quote } from '../mistakes.ts'
import type { Parsed } from './form.ts'

export const HASH_EXPECTED = '"sha256:" and the SHA-256 of the key in 64 hexadecimal digits'
export const SCOPE_EXPECTED = 'a scope without spaces, quotes and backslashes'

/** Hash of an API key. What is refused may be the key itself and is never shown. */
export function parseHash(text: string): Parsed<string> {
  const normal = text.toLowerCase()
  if (/^sha256:[0-9a-f]{64}$/.test(normal)) return { value: normal }
  const message = /^[0-9a-f]{64}$/.test(normal)
    ? 'the hash does not name its algorithm'
    : 'this is not a hash of an API key'
  return { message, expected: HASH_EXPECTED, hide: true }
}

/** One scope (RFC 6749, 3.3). */
export function parseScope(text: string): Parsed<string> {
  if (/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(text)) return { value: text }
  const expected = /^\S+(\s+\S+)+$/.test(text) ? 'a list with one scope per item' : SCOPE_EXPECTED
  return { message: `${quote(text)} is not a scope`, expected }
}
