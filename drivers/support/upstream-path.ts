/** A dot segment, also with its dots or slashes escaped, or an empty one, anywhere before the query. */
const ODD_SEGMENT = /^[^?]*(?:\/|\\|%2f|%5c)(?:(?:\.|%2e){1,2}(?:[/\\?;]|%2f|%5c|$)|\/|\\|%2f|%5c)/i

/**
 * True for a path that a server could resolve to somewhere outside the base it is put behind. The gateway lets no
 * such path through; a driver that joins paths looks again, because here a mistake opens another function.
 *
 * @param path Begins with a slash, with its query.
 */
export function leavesItsBase(path: string): boolean {
  return path.charCodeAt(0) !== SLASH || (!isPlain(path) && ODD_SEGMENT.test(path))
}

const SLASH = 0x2f

/** True where there is surely nothing odd: nearly every path, at a third of the price of looking closely. */
function isPlain(path: string): boolean {
  let before = 0
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i)
    if (c === 0x3f) return true
    if (c === 0x25 || c === 0x5c || (before === SLASH && (c === SLASH || c === 0x2e))) return false
    before = c
  }
  return true
}

/**
 * Puts the path for the function behind the base of its URL. The path `/` adds nothing: a base without a final slash
 * is then the whole target.
 *
 * @param base Path of the configured URL; `/` for none.
 * @param path Begins with a slash, with its query.
 */
export function joinPath(base: string, path: string): string {
  if (base === '/') return path
  const next = path.charCodeAt(1)
  if (Number.isNaN(next) || next === 0x3f) return base + path.slice(1)
  return base.endsWith('/') ? base + path.slice(1) : base + path
}
