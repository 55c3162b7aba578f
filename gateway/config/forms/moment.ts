import { quote } from '../mistakes.ts'
import type { Parsed } from './form.ts'

export const MOMENT_EXPECTED = 'date and time with offset such as 2027-01-01T00:00:00Z'

/** RFC 3339 date and time in milliseconds since 1970. */
export function parseMoment(text: string): Parsed<number> {
  const match = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/.exec(text)
  const value =
    match === null
      ? Number.NaN
      : Date.parse(`${match[1]}T${match[2]}${match[3] ?? ''}${match[4]!.toUpperCase()}`)
  // The engine takes February 30th for the beginning of March.
  const exists = match !== null && new Date(`${match[1]}T00:00:00Z`).toISOString().startsWith(match[1]!)
  if (Number.isNaN(value) || !exists) {
    const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text)
    const suggestion = isDay
      ? `${text}T00:00:00Z`
      : /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(text)
        ? `${text}Z`
        : null
    return { message: `${quote(text)} is not a moment`, expected: MOMENT_EXPECTED, suggestion }
  }
  return { value }
}
