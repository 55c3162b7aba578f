/**
 * Paths of routes as Kong matches them: by regular expressions on the path that it has decoded, but for reserved
 * characters (Kong's `kong.tools.uri`, `normalize`). All are regular expressions, because a plain path matches within a
 * segment too (`/fn` takes `/fnord`), and because Kong puts any regular expression before any plain path.
 */

/** Characters that Kong leaves encoded: those that are reserved (RFC 3986, 2.2), and the percent sign. */
const RESERVED = new Set([..."!#$&'()*+,/:;=?@[]%"].map((character) => character.charCodeAt(0)))

/** Segments that count for the precedence; the digits of 15 segments fit into the bits that hosts leave. */
const DEPTH = 15
const KINDS = 3

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

/**
 * Our precedence as Kong's `regex_priority`, which decides where methods, hosts and headers leave it open. First the
 * longest `*.domain`, as Kong knows only that a plain host comes first; then segment by segment, text before a parameter
 * and a parameter before `*`. Below 2^31, which every router of Kong can hold.
 *
 * @param domainLabels Labels of the `*.domain` that the route is for; 0 for plain hosts and any host.
 */
export function regexPriority(pattern: string, domainLabels: number): number {
  let priority = 0
  const segments = pattern.slice(1).split('/')
  for (let i = 0; i < DEPTH; i++) priority = priority * KINDS + weightOf(segments[i])
  return Math.min(domainLabels, 127) * KINDS ** DEPTH + priority
}

function weightOf(segment: string | undefined): number {
  if (segment === undefined || segment === '*') return 0
  return segment.startsWith(':') ? 1 : 2
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
