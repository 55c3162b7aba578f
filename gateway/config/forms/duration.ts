import { quote } from '../mistakes.ts'
import { expectedWithin, type FormSchema, type Parsed } from './form.ts'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
/** What people write otherwise. */
const ALIASES: readonly (readonly [RegExp, string])[] = [
  [/^(ms|msecs?|millis|milliseconds?)$/i, 'ms'],
  [/^(s|secs?|seconds?)$/i, 's'],
  [/^(m|mins?|minutes?)$/i, 'm'],
  [/^(h|hrs?|hours?)$/i, 'h'],
  [/^(d|days?)$/i, 'd'],
]

const DURATION_EXPECTED = 'a duration such as 250ms, 10s, 5m, 1h or 1d'

/** Longest duration that a timer of Node can wait for is 24.8 days; fields that are no timers set `max`. */
const LONGEST = '24d'

/** `10s` in milliseconds, within `min` and `max` of the schema. */
export function parseDuration(text: string, schema: FormSchema = {}): Parsed<number> {
  const value = read(text)
  if (value === null) {
    return {
      message: `${quote(text)} is not a duration`,
      expected: expectedDuration(schema),
      suggestion: meant(text),
    }
  }
  const min = typeof schema['min'] === 'string' ? schema['min'] : '0s'
  const max = typeof schema['max'] === 'string' ? schema['max'] : LONGEST
  if (value < read(min)!)
    return { message: `${quote(text)} is too short`, expected: `at least ${min}`, suggestion: min }
  if (value > read(max)!)
    return { message: `${quote(text)} is too long`, expected: `at most ${max}`, suggestion: max }
  return { value }
}

export function expectedDuration(schema: FormSchema): string {
  return expectedWithin(DURATION_EXPECTED, schema)
}

function read(text: string): number | null {
  if (text === '0') return 0
  const match = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(text)
  if (match === null) return null
  const value = Number(match[1]) * UNITS[match[2]!]!
  // 0.1 × 1000 is not exactly 100 for every fraction.
  const whole = Math.round(value)
  return Math.abs(value - whole) < 1e-6 ? whole : null
}

function meant(text: string): string | null {
  const match = /^\s*(\d{1,12}(?:\.\d{1,6})?)\s*([a-zA-Z]*)\s*$/.exec(text)
  if (match === null) return joined(text)
  const number = match[1]!
  if (match[2] === '') return Number(number) >= 1000 ? `${number}ms` : `${number}s`
  const unit = ALIASES.find(([pattern]) => pattern.test(match[2]!))?.[1]
  return unit === undefined || read(`${number}${unit}`) === null ? null : `${number}${unit}`
}

/** `1h30m` in one unit: `90m`. */
function joined(text: string): string | null {
  if (!/^(\d{1,6}(ms|s|m|h|d)){2,5}$/.test(text)) return null
  const parts = text.match(/\d+[a-z]+/g) ?? []
  const total = parts.reduce((sum, part) => sum + (read(part) ?? 0), 0)
  const unit = Object.keys(UNITS).findLast((name) => total % UNITS[name]! === 0)!
  return `${total / UNITS[unit]!}${unit}`
}
