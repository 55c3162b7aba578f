import { isRecord } from '../canonical.ts'
import type { Json } from '../entities.ts'
import { KongError, type KongErrorKind } from '../kong-error.ts'

/** Longest part of what Kong says that is repeated. */
const LONGEST = 500
/** `code` in Kong's errors (kong/db/errors.lua): what is referred to is missing, or is referred to. */
const REFERENCE_CODES = [4, 13, 19]

/** What an answer that is no success means. */
export function errorOf(
  status: number,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
): KongError {
  const content = parsed(body)
  const code = Number(content['code'] ?? 0)
  const said = typeof content['message'] === 'string' ? content['message'] : ''
  const message = said === '' ? `Kong answers with status ${status}` : withoutSecrets(said)
  return new KongError(kindOf(status, code), message, {
    status,
    code,
    retryAfterMs: retryAfterMs(headers['retry-after']),
    content,
  })
}

function kindOf(status: number, code: number): KongErrorKind {
  if (status === 429) return 'busy'
  if (status >= 500) return 'failed'
  if (status === 401 || status === 403) return 'denied'
  if (status === 404) return 'missing'
  if (status === 409) return 'conflict'
  if (status === 408) return 'timeout'
  if (REFERENCE_CODES.includes(code)) return 'reference'
  return status >= 400 ? 'invalid' : 'malformed'
}

/** Seconds only (RFC 9110, 10.2.3): Kong sends no dates. */
function retryAfterMs(value: string | string[] | undefined): number {
  const text = Array.isArray(value) ? value[0] : value
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : 0
}

function parsed(body: string): { readonly [key: string]: Json } {
  try {
    const value = JSON.parse(body) as Json
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}

/** Kong repeats values that it refuses: a key is none that it should. */
function withoutSecrets(text: string): string {
  const line = text
    .replace(/-----BEGIN[\s\S]*?(-----END[^-]*-----|$)/g, '(PEM)')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u0020\u007f]+/g, ' ')
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line
}
