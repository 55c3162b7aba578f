import { quote } from '../mistakes.ts'
import type { Parsed } from './form.ts'

export const MOMENT_EXPECTED = 'date and time with offset such as 2027-01-01T00:00:00Z'

/** RFC 3339 date and time in milliseconds since 1970. */
export function parseMoment(text: string): Parsed<number> {
  const match = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)([Zz]|[+-]\d{2}:\d{2})$/.exec(text)
  const value = match === null ? Number.NaN : Date.parse(`${match[1]}T${match[2]}${match[3]!.toUpperCase()}`)
  if (!Number.isNaN(value) && isDay(match![1]!)) return { value }
  return { message: `${quote(text)} is not a moment`, expected: MOMENT_EXPECTED, suggestion: meant(text) }
}

/** The engine takes February 30th for the beginning of March. */
function isDay(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)
}

/** A day without a time, or a time without its offset. */
function meant(text: string): string | null {
  const match = /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}:\d{2})?$/.exec(text)
  return match !== null && isDay(match[1]!) ? `${match[1]}${match[2] ?? 'T00:00:00'}Z` : null
}
