/** A path for the function, made from the path of the request without decoding a byte of it. */
export type Rewrite = (path: string) => string

/** A piece of the new path: text, a whole segment of the request's path, or all from a segment on. */
type Piece = { readonly text: string } | { readonly segment: number } | { readonly from: number }

/**
 * Compiles `rewrite` against the route's pattern: `:name` stands for that segment, a last `*` for the rest.
 *
 * @param pattern Path pattern of the route.
 * @param rewrite Path with parameters of the pattern.
 * @throws Error When the rewrite names a parameter that the pattern lacks.
 */
export function compileRewrite(pattern: string, rewrite: string): Rewrite {
  const segments = pattern.split('/').slice(1)
  const pieces: Piece[] = rewrite
    .split('/')
    .slice(1)
    .map((part) => pieceOf(part, segments, pattern))
  return (path) => {
    const given = path.split('/').slice(1)
    let made = ''
    for (const piece of pieces) {
      if ('text' in piece) made += `/${piece.text}`
      else if ('segment' in piece) made += `/${given[piece.segment] ?? ''}`
      else made += `/${given.slice(piece.from).join('/')}`
    }
    return made
  }
}

function pieceOf(part: string, segments: readonly string[], pattern: string): Piece {
  if (part !== '*' && !part.startsWith(':')) return { text: part }
  const at = segments.indexOf(part)
  if (at < 0) throw new Error(`${part} is not in ${pattern}`)
  return part === '*' ? { from: at } : { segment: at }
}
