import type { Mistake } from './mistakes.ts'

/**
 * Mistakes for a terminal: plain text, one paragraph each, with the line of the file and a caret below the place.
 *
 *     dispatch.yaml:12:5  routes[0].auth: "nonne" cannot stand here
 *         expected none or a map with scopes, roles and so on; did you mean "none"?
 *         12 |     auth: nonne
 *            |           ^
 */
export function formatMistakes(mistakes: readonly Mistake[]): string {
  return mistakes.map(formatMistake).join('')
}

function formatMistake({
  file,
  line,
  column,
  path,
  level,
  message,
  expected,
  suggestion,
  excerpt,
}: Mistake): string {
  const where = `${file}:${line}:${column}  ${level === 'warning' ? 'warning: ' : ''}${path === '' ? '' : `${path}: `}`
  const hints = [
    ...(expected === null ? [] : [`expected ${expected}`]),
    ...(suggestion === null ? [] : [`did you mean ${quoted(suggestion)}?`]),
  ]
  const hint = hints.length === 0 ? '' : `    ${hints.join('; ')}\n`
  return `${where}${message}\n${hint}${excerpt === null ? '' : formatExcerpt(line, excerpt)}`
}

function formatExcerpt(line: number, { text, caret }: NonNullable<Mistake['excerpt']>): string {
  const number = String(line)
  // Tabs stay tabs, so that the caret stands below the place.
  const before = text.slice(0, caret).replace(/[^\t]/g, ' ')
  return `    ${number} | ${text}\n    ${' '.repeat(number.length)} | ${before}^\n`
}

/** Numbers and booleans stand without quotes, and what has quotes of its own has enough of them. */
function quoted(suggestion: string): string {
  return /"|^(true|false|-?\d+(\.\d+)?)$/.test(suggestion) ? suggestion : `"${suggestion}"`
}
