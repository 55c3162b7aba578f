import { stripVTControlCharacters } from 'node:util'

/** Text from elsewhere on one line, without anything that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ').trim()
}

/** A line of text that somebody laid out: its spaces and tabs stay, its colours and all else that is obeyed go. */
export function printableLine(text: string): string {
  return stripVTControlCharacters(text).replace(/(?!\t)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, ' ')
}
