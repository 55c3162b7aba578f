import { quote } from '../mistakes.ts'
import type { Parsed } from './form.ts'

export const HEADER_NAME_EXPECTED = 'the name of a header such as x-api-key'

/** Name of a header field (RFC 9110, 5.1) in lower case. */
export function parseHeaderName(text: string): Parsed<string> {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/.test(text)) return { value: text.toLowerCase() }
  const bare = text.trim().replace(/:$/, '')
  const suggestion = /^[\w-]+$/.test(bare) ? bare.toLowerCase() : null
  return { message: `${quote(text)} is not the name of a header`, expected: HEADER_NAME_EXPECTED, suggestion }
}
