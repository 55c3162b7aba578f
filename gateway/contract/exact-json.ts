declare global {
  interface JSON {
    /** Text that `stringify` writes as it is (ECMAScript, JSON.parse source text access). */
    rawJSON(text: string): object
  }
}

/**
 * Parses JSON so that `JSON.stringify` writes every number as it was sent: a long integer keeps its digits. Such a
 * number is held as an object; any other value as usual.
 *
 * @throws SyntaxError For what is not JSON.
 */
export function parseExact(text: string): unknown {
  return JSON.parse(text, keepNumber as (key: string, value: unknown) => unknown)
}

function keepNumber(_key: string, value: unknown, { source }: { source?: string }): unknown {
  return typeof value === 'number' && source !== undefined && String(value) !== source
    ? JSON.rawJSON(source)
    : value
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
