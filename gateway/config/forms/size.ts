import { quote } from '../mistakes.ts'
import { expectedWithin, type FormSchema, type Parsed } from './form.ts'

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

const SIZE_EXPECTED = 'a size such as 500B, 64KiB, 10MiB or 1GB'

/** `64KiB` in bytes, within `min` and `max` of the schema. */
export function parseSize(text: string, schema: FormSchema = {}): Parsed<number> {
  const value = read(text)
  if (value === null) {
    return {
      message: `${quote(text)} is not a size`,
      expected: expectedSize(schema),
      suggestion: meant(text),
    }
  }
  const { min, max } = schema
  if (typeof min === 'string' && value < read(min)!) {
    return { message: `${quote(text)} is too small`, expected: `at least ${min}`, suggestion: min }
  }
  if (typeof max === 'string' && value > read(max)!) {
    return { message: `${quote(text)} is too large`, expected: `at most ${max}`, suggestion: max }
  }
  return { value }
}

export function expectedSize(schema: FormSchema): string {
  return expectedWithin(SIZE_EXPECTED, schema)
}

function read(text: string): number | null {
  if (text === '0') return 0
  const match = /^(\d{1,15}(?:\.\d{1,6})?)(B|[KMGT]i?B)$/.exec(text)
  if (match === null) return null
  const value = Math.round(Number(match[1]) * UNITS[match[2]!]!)
  return Number.isSafeInteger(value) ? value : null
}

function meant(text: string): string | null {
  const match = /^\s*(\d{1,15}(?:\.\d{1,6})?)\s*(bytes?|b|([kmgt])(i?)b?|)\s*$/i.exec(text)
  if (match === null) return null
  const [, number, , prefix, binary] = match
  if (prefix === undefined) return `${number}B`
  // A bare `64K` has always meant 1024.
  const isDecimal = binary === '' && /b\s*$/i.test(text)
  const written = `${number}${prefix.toUpperCase()}${isDecimal ? '' : 'i'}B`
  return read(written) === null ? null : written
}
