/** A dot segment, also with its dots or slashes escaped, or an empty one, anywhere before the query. */
const ODD_SEGMENT = /^[^?]*(?:\/|\\|%2f|%5c)(?:(?:\.|%2e){1,2}(?:[/\\?;]|%2f|%5c|$)|\/|\\|%2f|%5c)/i

/**
 * True for a path that a server could resolve to somewhere outside the base it is put behind. The gateway lets no
 * such path through; a driver that joins paths looks again, because here a mistake opens another function.
 *
 * @param path Begins with a slash, with its query.
 */
export function leavesItsBase(path: string): boolean {
  return path.charCodeAt(0) !== 0x2f || ODD_SEGMENT.test(path)
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
