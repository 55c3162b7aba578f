/** Deepest nesting that a token or a set of keys has a use for. */
const MAX_DEPTH = 32

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads a JSON object the only way everybody reads it: valid UTF-8 without a byte order mark, no member name twice
 * in one object at any level (RFC 7519, section 4), nesting of at most 32.
 *
 * @returns The object, or null for everything else, whatever it is. Takes time linear in the length.
 */
export function parseStrictJson(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const text = utf8.decode(bytes)
    const written = countMembers(text)
    if (written < 0) return null
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    return countNames(value) === written ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** Members as written: in valid JSON that is the colons outside strings. -1 when it is nested too deeply. */
function countMembers(text: string): number {
  let members = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22:
        i = endOfString(text, i)
        break
      case 0x3a:
        members++
        break
      case 0x5b:
      case 0x7b:
        if (++depth > MAX_DEPTH) return -1
        break
      case 0x5d:
      case 0x7d:
        depth--
    }
  }
  return members
}

function endOfString(text: string, start: number): number {
  let i = start + 1
  while (i < text.length && text.charCodeAt(i) !== 0x22) i += text.charCodeAt(i) === 0x5c ? 2 : 1
  return i
}

/** Members that are left after parsing: fewer than were written when a name came twice. */
function countNames(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let names = Array.isArray(value) ? 0 : Object.keys(value).length
  for (const inner of Object.values(value)) names += countNames(inner)
  return names
}
