/** A path that the gateway, Kong in front and a platform behind read alike. */
export interface RequestPath {
  /** Normalised: unreserved characters decoded, other escapes in upper case (RFC 3986, 6.2.2). */
  readonly path: string
  /** The same as the function gets it: characters that should have been escaped stay as the client wrote them. */
  readonly sent: string
  /** Index of the first escaped `#` or `?`, which only a wildcard may cover; -1 for none. */
  readonly delimiterAt: number
}

const SLASH = 0x2f
const DOT = 0x2e
const PERCENT = 0x25
const SEMICOLON = 0x3b

/** What a character of a path is: 0 refused, 1 kept, 2 should be an escape, 3 the sign of an escape. */
const KINDS = new Uint8Array(128)
KINDS.fill(1, 0x21, 0x7f)
for (const refused of '#\\') KINDS[refused.charCodeAt(0)] = 0
// RFC 3986 has no place for these. Some clients send them raw, some escaped: Routes see one spelling.
for (const odd of '"<>^`{|}') KINDS[odd.charCodeAt(0)] = 2
KINDS[PERCENT] = 3

/**
 * Normalises a path, or gives null where readers are known to disagree: dot segments in any spelling, empty segments,
 * encoded slashes, backslashes, control characters, double encodings, overlong UTF-8.
 *
 * @param path Begins with a slash, without the query.
 */
export function requestPath(path: string): RequestPath | null {
  if (isPlain(path)) return { path, sent: path, delimiterAt: -1 }
  return decode(path)
}

/** True for a path that needs no change: nearly every request. */
function isPlain(path: string): boolean {
  let before = 0
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i)
    if (c >= 128 || KINDS[c] !== 1) return false
    if (before === SLASH && (c === SLASH || c === DOT)) return false
    before = c
  }
  return true
}

function decode(path: string): RequestPath | null {
  let normal = ''
  let sent = ''
  let delimiterAt = -1
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i)
    const kind = c < 128 ? KINDS[c] : 0
    let piece = path[i]!
    if (kind === 0) return null
    if (kind === 3) {
      const hex = path.slice(i + 1, i + 3)
      if (!/^[0-9A-Fa-f]{2}$/.test(hex) || REFUSED_ESCAPE.test(hex)) return null
      const character = String.fromCharCode(Number.parseInt(hex, 16))
      if ((character === '#' || character === '?') && delimiterAt < 0) delimiterAt = normal.length
      piece = UNRESERVED.test(character) ? character : `%${hex.toUpperCase()}`
      i += 2
    }
    sent += piece
    normal += kind === 2 ? `%${c.toString(16).toUpperCase()}` : piece
  }
  if (DOUBLE_ENCODED.test(normal) || !wellFormed(normal) || hasOddSegment(normal)) return null
  return { path: normal, sent, delimiterAt }
}

const UNRESERVED = /^[A-Za-z0-9\-._~]$/
/** A slash, a backslash or a control character. */
const REFUSED_ESCAPE = /^(?:2f|5c|[01].|7f)$/i
/** However often it is encoded: spells a dot, a slash, a backslash or NUL for whoever decodes once more. */
const DOUBLE_ENCODED = /%25(?:25)*(?:2e|2f|5c|00)/i

/** False for escapes that are not UTF-8, overlong forms included. */
function wellFormed(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

/** Empty, `.` and `..` segments, also with a parameter behind (`..;x`), which some servers cut off. */
function hasOddSegment(path: string): boolean {
  for (let i = 0; i < path.length; i++) {
    if (path.charCodeAt(i) !== SLASH) continue
    const first = path.charCodeAt(i + 1)
    if (first === SLASH) return true
    if (first !== DOT) continue
    const second = path.charCodeAt(i + 2)
    const end = second === DOT ? path.charCodeAt(i + 3) : second
    if (Number.isNaN(end) || end === SLASH || end === SEMICOLON) return true
  }
  return false
}
