/** No field with a credential. */
export const NONE = -1
/** More than one field with a credential. */
export const SEVERAL = -2

/**
 * Finds the one credential among the headers of a call.
 *
 * @param rawHeaders Names and values in turn, as received.
 * @param apiKeyHeader Lower-case name of the header for API keys, or null when there are none.
 * @returns Index of the field's name, or NONE, or SEVERAL: one credential per call (RFC 6750, section 2).
 */
export function findCredential(rawHeaders: readonly string[], apiKeyHeader: string | null): number {
  let found = NONE
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    if (!isAuthorization(name) && !(apiKeyHeader !== null && isNamed(name, apiKeyHeader))) continue
    if (found !== NONE) return SEVERAL
    found = i
  }
  return found
}

export function isAuthorization(name: string): boolean {
  return isNamed(name, 'authorization')
}

function isNamed(name: string, lowerCase: string): boolean {
  return name.length === lowerCase.length && (name === lowerCase || name.toLowerCase() === lowerCase)
}

/**
 * Token of an Authorization value: the scheme in any letter case, one space, the rest. RFC 6750 would allow more
 * spaces; nobody sends them, and what stands behind us could read them differently. The token itself is not judged.
 *
 * @returns null when the scheme is another one, or when nothing follows it.
 */
export function bearerToken(authorization: string): string | null {
  if (authorization.length < 8 || authorization.charCodeAt(6) !== 0x20) return null
  if (!authorization.startsWith('Bearer') && authorization.slice(0, 6).toLowerCase() !== 'bearer') return null
  return authorization.slice(7)
}

/** Any letter may be percent-encoded: who decodes the query sees the same name. */
const TOKEN_IN_QUERY = new RegExp(`[?&]${[...'access_token'].map(plainOrEncoded).join('')}(?:[=&]|$)`)

/** Tells whether a query with its `?` carries a token (RFC 6750, section 2.3), which RFC 9700 forbids. */
export function hasTokenInQuery(query: string): boolean {
  return query !== '' && TOKEN_IN_QUERY.test(query)
}

function plainOrEncoded(letter: string): string {
  const code = letter.charCodeAt(0).toString(16)
  const low = code.slice(1)
  return `(?:${letter}|%${code[0]}[${low}${low.toUpperCase()}])`
}
