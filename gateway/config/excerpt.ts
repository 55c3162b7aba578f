import type { Place } from './written.ts'

/** Characters shown before and after the place; a file in one line may be megabytes long. */
const AROUND = 80
const MASK = '…'

/** A line of the file, safe to show. */
export interface Excerpt {
  readonly text: string
  /** Index of the place in the text. */
  readonly caret: number
}

/**
 * One line of a file for a mistake: hidden pieces replaced by `…`, control characters by `?`, cut around the place.
 *
 * @param line Where the line is in the text.
 * @param at Offset of the mistake.
 * @param hidden Pieces that are not shown, in the order of the text.
 * @returns Null for an empty line.
 */
export function excerptOf(text: string, line: Place, at: number, hidden: readonly Place[]): Excerpt | null {
  const start = Math.max(line.start, at - AROUND)
  const before = showable(masked(text, { start, end: at }, hidden))
  const after = showable(masked(text, { start: at, end: Math.min(line.end, at + AROUND) }, hidden)).trimEnd()
  const cut = start > line.start ? '...' : ''
  if (`${before}${after}`.trim() === '') return null
  return { text: `${cut}${before}${after}`, caret: cut.length + before.length }
}

function masked(text: string, { start, end }: Place, hidden: readonly Place[]): string {
  let shown = ''
  let position = start
  for (const piece of hidden) {
    if (piece.end <= position || piece.start >= end) continue
    shown += text.slice(position, Math.max(piece.start, position)) + MASK
    position = Math.min(piece.end, end)
  }
  return shown + text.slice(position, end)
}

function showable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal must not see them
  const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]/g
  return text
    .replace(/[\r\n]+$/, '')
    .replace(unsafe, '?')
    .toWellFormed()
}
