import { CONNECTION_FIELDS } from '../../contract/connection-fields.ts'

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/

/** Fields of one connection, and others that the gateway writes itself. */
const CONNECTION = new Set([
  ...CONNECTION_FIELDS,
  'content-length',
  'expect',
  'http2-settings',
  'proxy-authentication-info',
  'proxy-authorization',
])

/** Facts about the call that functions and callers take from the gateway alone. */
const OURS = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-request-id',
])

/** Why a plugin must not edit this request header, by lower-case name; null when it may. */
export function requestRefusal(name: string): string | null {
  return name === 'host' ? 'decides where the request goes' : refusal(name)
}

/** Why a plugin must not edit this header of an answer, by lower-case name; null when it may. */
export function responseRefusal(name: string): string | null {
  return refusal(name)
}

function refusal(name: string): string | null {
  if (!TOKEN.test(name)) return 'is no name of a header'
  // Runtimes in the way of CGI cannot tell an underscore from a dash.
  const read = name.replaceAll('_', '-')
  if (CONNECTION.has(read)) return 'belongs to the connection'
  if (OURS.has(read) || read.startsWith('dispatch-')) return 'is written by the gateway'
  return null
}
