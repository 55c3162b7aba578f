/** What an answer of the API holds, before anything is known of it. */
export type Fields = Readonly<Record<string, unknown>>

/** The fields of an object; none for what is no object. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

/** The fields of an object in JSON; none for what is no JSON, and for what is no object. */
export function fieldsIn(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    return {}
  }
}

/** The fields at the end of a path through objects; none when it leads nowhere. */
export function fieldsAt(value: unknown, ...path: readonly string[]): Fields {
  return path.reduce((at, name) => fieldsOf(at[name]), fieldsOf(value))
}

export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Null for what is no text, and for an empty one. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** Null for what is no whole number from 0 on. */
export function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/** The fields that are texts: labels, annotations. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  const texts = Object.entries(fieldsOf(value)).filter(([, text]) => typeof text === 'string')
  return Object.fromEntries(texts) as Record<string, string>
}
