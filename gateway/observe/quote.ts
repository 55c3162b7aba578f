const CUT = '...'

/**
 * A JSON string in ASCII of at most `most` characters between its quotes. What is longer is cut and ends in three
 * dots. Whatever a client sends can neither break a log line nor make it long.
 */
export function quote(text: string, most: number): string {
  if (text.length <= most && isPlain(text)) return `"${text}"`
  let quoted = ''
  let safe = ''
  for (let i = 0; i < text.length; i++) {
    const piece = isPlainCode(text.charCodeAt(i)) ? text[i]! : escaped(text.charCodeAt(i))
    if (quoted.length + piece.length > most) return `"${safe}${CUT}"`
    quoted += piece
    if (quoted.length <= most - CUT.length) safe = quoted
  }
  return `"${quoted}"`
}

function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isPlainCode(text.charCodeAt(i))) return false
  return true
}

/** Printable ASCII but for the quote and the backslash. */
function isPlainCode(code: number): boolean {
  return code >= 0x20 && code < 0x7f && code !== 0x22 && code !== 0x5c
}

function escaped(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`
}
