/** Names and values of a query, unescaped as a form is: a `+` is a space. What is not valid stays as it was sent. */
export function readQuery(query: string): [string, string][] {
  const found: [string, string][] = []
  for (const pair of query.split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    found.push(
      at < 0 ? [readEscaped(pair), ''] : [readEscaped(pair.slice(0, at)), readEscaped(pair.slice(at + 1))],
    )
  }
  return found
}

function readEscaped(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return text
  }
}
