/**
 * Paths of routes as Kong matches them: by regular expressions on the path that it has decoded, but for reserved
 * characters (Kong's `kong.tools.uri`, `normalize`). All are regular expressions, because a plain path matches within a
 * segment too (`/fn` takes `/fnord`), and because Kong puts any regular expression before any plain path.
 */

/** Characters that Kong leaves encoded: those that are reserved (RFC 3986, 2.2), and the percent sign. */
const RESERVED = new Set([..."!#$&'()*+,/:;=?@[]%"].map((character) => character.charCodeAt(0)))

/**
 * A path pattern of ours as a path of Kong: `/orders/:id` is `~/orders/[^/]+$`.
 *
 * @param pattern Canonical, as the configuration has it.
 */
export function kongPath(pattern: string): string {
  const segments = pattern.slice(1).split('/')
  const isOpen = segments.at(-1) === '*'
  const written = (isOpen ? segments.slice(0, -1) : segments).map((segment) =>
    segment.startsWith(':') ? '[^/]+' : escaped(decoded(segment)),
  )
  // Expressions are anchored at the beginning only.
  return isOpen ? `~/${written.map((segment) => `${segment}/`).join('')}` : `~/${written.join('/')}$`
}

/** What Kong makes of percent-encoding before it compares. */
function decoded(segment: string): string {
  const bytes: number[] = []
  for (let i = 0; i < segment.length; i++) {
    const code = segment.charCodeAt(i)
    if (code !== 0x25) {
      bytes.push(code)
      continue
    }
    const octet = Number.parseInt(segment.slice(i + 1, i + 3), 16)
    if (RESERVED.has(octet)) bytes.push(...Buffer.from(segment.slice(i, i + 3)))
    else bytes.push(octet)
    i += 2
  }
  return Buffer.from(bytes).toString('utf8')
}

function escaped(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&')
}
