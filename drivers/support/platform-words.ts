const LONGEST = 500

/** What a platform says in its answer, on one line, for a person; empty when it says nothing. */
export function platformWords(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}
