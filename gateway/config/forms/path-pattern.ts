import { quote, type Remark } from '../mistakes.ts'
import type { Parsed } from './form.ts'

export const PATH_EXPECTED = 'a path such as /orders/:id or /files/*'

/**
 * Path of a route or of a rewrite. Canonical, so that what is compared with requests has one spelling: percent-encoding
 * with capital digits and only where it is needed (RFC 3986, 6.2.2), no empty and no dot segments, no encoded slash.
 */
export function parsePathPattern(text: string): Parsed<string> {
  const refuse = (message: string, expected: string, suggestion: string | null = null) => ({
    message,
    expected,
    suggestion,
  })
  if (!text.startsWith('/')) {
    const suggestion = `/${text}`.replace(/\/{2,}/g, '/')
    return refuse(`${quote(text)} does not begin with a slash`, PATH_EXPECTED, suggestion)
  }
  if (text.length > 2048) return refuse('the path is longer than 2048 characters', 'a shorter path')
  if (/[?#]/.test(text)) {
    return refuse(
      `${quote(text)} holds a ? or #`,
      'a path without query and fragment',
      text.replace(/[?#].*$/, ''),
    )
  }
  const segments = text.slice(1).split('/')
  const isLast = (i: number) => i === segments.length - 1
  const names = new Set<string>()
  for (const [i, segment] of segments.entries()) {
    if (segment === '' && !isLast(i)) {
      return refuse(`${quote(text)} has an empty segment`, 'single slashes', text.replace(/\/{2,}/g, '/'))
    }
    if (segment === '*' && !isLast(i))
      return refuse(`${quote(text)} goes on after *`, '* as the last segment only')
    const refusal =
      segment === '*' ? null : segment.startsWith(':') ? parameter(segment, names) : literal(segment, text)
    if (refusal !== null) return refusal
  }
  return { value: text }
}

/** Names of the parameters in a valid pattern; `*` is among them when it is the last segment. */
export function parametersOf(pattern: string): string[] {
  const segments = pattern.split('/')
  return segments.filter((s) => s === '*' || s.startsWith(':')).map((s) => (s === '*' ? s : s.slice(1)))
}

/** The same for two patterns that match the same paths: names of parameters do not matter. */
export function shapeOf(pattern: string): string {
  const segments = pattern.split('/')
  return segments.map((segment) => (segment.startsWith(':') ? ':' : segment)).join('/')
}

function parameter(segment: string, names: Set<string>): Remark | null {
  const name = segment.slice(1)
  if (!/^[A-Za-z_]\w{0,63}$/.test(name)) {
    const suggestion = /^[A-Za-z_]\w{0,63}/.exec(name.replaceAll('-', '_'))?.[0]
    return {
      message: `${quote(segment)} is not a parameter`,
      expected: 'a colon and a name of letters, digits and _ for one whole segment',
      suggestion: suggestion === undefined ? null : `:${suggestion}`,
    }
  }
  if (names.has(name))
    return { message: `the parameter ${quote(segment)} stands twice`, expected: 'different names' }
  names.add(name)
  return null
}

function literal(segment: string, text: string): Remark | null {
  if (/[:*]/.test(segment)) {
    return {
      message: `${quote(segment)} mixes text with : or *`,
      expected: 'parameters and * as whole segments; %3A and %2A for the characters themselves',
    }
  }
  if (/^\{\w+\}$/.test(segment)) {
    const expected = 'a colon and a name for one whole segment'
    return {
      message: `${quote(segment)} is not a parameter`,
      expected,
      suggestion: `:${segment.slice(1, -1)}`,
    }
  }
  const canonical = canonicalSegment(segment)
  if (canonical === null) {
    return {
      message: `${quote(segment)} is not valid percent-encoding`,
      expected: 'UTF-8, each octet as % and two digits',
    }
  }
  if (/^\.\.?(;|$)/.test(canonical)) {
    return {
      message: `${quote(text)} has a dot segment`,
      expected: 'a path without . and .. segments, encoded or not',
    }
  }
  if (ODD.test(canonical)) {
    return {
      message: `${quote(segment)} holds an escape that servers read differently`,
      expected: 'no encoded slash, backslash, control character, ? or #, and nothing encoded twice',
    }
  }
  if (canonical === segment) return null
  return {
    message: `${quote(segment)} is not written canonically`,
    expected: 'percent-encoding with capital digits, only where it is needed',
    suggestion: text
      .split('/')
      .map((other) => (other === segment ? canonical : other))
      .join('/'),
  }
}

/** What the gateway refuses in requests, or lets only a wildcard match: such a route would never be called. */
const ODD = /%(2F|5C|[01][0-9A-F]|7F|23|3F|25(25)*(2e|2f|5c|00))/i

/** RFC 3986, 6.2.2: unreserved characters decoded, everything that a segment may not hold encoded, capital digits. */
function canonicalSegment(segment: string): string | null {
  if (!segment.isWellFormed()) return null
  try {
    decodeURIComponent(segment)
  } catch {
    return null
  }
  const decoded = segment.replace(/%[0-9A-Fa-f]{2}/g, (code) => {
    const character = String.fromCharCode(Number.parseInt(code.slice(1), 16))
    return /[\w.~-]/.test(character) ? character : code.toUpperCase()
  })
  return decoded.replace(/[^\w.~!$&'()*+,;=:@%-]+/g, (rest) => encodeURIComponent(rest))
}
