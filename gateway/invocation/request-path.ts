/** A path that the gateway, Kong in front and a platform behind read alike. */
export interface RequestPath {
  /** Normalised: unreserved characters decoded, other escapes in upper case (RFC 3986, 6.2.2). */
  readonly path: string
  /** Index of the first escaped `#` or `?`, which only a wildcard may cover; -1 for none. */
  readonly delimiterAt: number
}

const SLASH = 0x2f
const DOT = 0x2e
const PERCENT = 0x25
const BACKSLASH = 0x5c
const SEMICOLON = 0x3b

/**
 * Normalises a path, or gives null where readers are known to disagree: dot segments in any spelling, empty segments,
 * encoded slashes, backslashes, control characters, double encodings, overlong UTF-8.
 *
 * @param path Begins with a slash, without the query.
 */
export function requestPath(path: string): RequestPath | null {
  if (isPlain(path)) return { path, delimiterAt: -1 }
  return decode(path)
}

/** True for a path without escapes that needs no change: nearly every request. */
function isPlain(path: string): boolean {
  let before = 0
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i)
    if (c <= 0x20 || c >= 0x7f || c === PERCENT || c === BACKSLASH || c === 0x23) return false
    if (before === SLASH && (c === SLASH || c === DOT)) return false
    before = c
  }
  return true
}

function decode(path: string): RequestPath | null {
  let normal = ''
  let delimiterAt = -1
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i)
    if (c <= 0x20 || c >= 0x7f || c === BACKSLASH || c === 0x23) return null
    if (c !== PERCENT) {
      normal += path[i]
      continue
    }
    const hex = path.slice(i + 1, i + 3)
    if (!/^[0-9A-Fa-f]{2}$/.test(hex)) return null
    const byte = Number.parseInt(hex, 16)
    if (byte < 0x20 || byte === 0x7f || byte === SLASH || byte === BACKSLASH) return null
    if (byte === PERCENT && DOUBLE_ENCODED.test(path.slice(i + 3, i + 5))) return null
    if ((byte === 0x23 || byte === 0x3f) && delimiterAt < 0) delimiterAt = normal.length
    normal += UNRESERVED.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${hex.toUpperCase()}`
    i += 2
  }
  return wellFormed(normal) && !hasOddSegment(normal) ? { path: normal, delimiterAt } : null
}

const UNRESERVED = /^[A-Za-z0-9\-._~]$/
/** `%25` before one of these spells a dot, a slash or a backslash for whoever decodes twice. */
const DOUBLE_ENCODED = /^(2e|2f|5c|00)$/i

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
