import type { Remark } from '../mistakes.ts'

/** A value, or why there is none. */
export type Parsed<T> = { readonly value: T } | Refusal

export interface Refusal extends Remark {
  readonly value?: never
  /** The text may hold a secret: it is not shown with the mistake. */
  readonly hide?: boolean
}

/** The schema of a field with a written form: JSON Schema and our own keywords. */
export type FormSchema = Readonly<Record<string, unknown>>

/** Turns a text into the value that is held. Pure. */
export type Form = (text: string, schema: FormSchema) => Parsed<unknown>

export function isRefused<T>(parsed: Parsed<T>): parsed is Refusal {
  return !('value' in parsed)
}

/** What is expected, and the bounds that the schema sets. */
export function expectedWithin(expected: string, { min, max }: FormSchema): string {
  const bounds = [min === undefined ? '' : `at least ${min}`, max === undefined ? '' : `at most ${max}`]
  return [expected, ...bounds.filter((bound) => bound !== '')].join(', ')
}
