import { HeaderList } from '../../gateway/contract/headers.ts'

/** An answer as a function said it in its result. */
export interface ReadResult {
  readonly status: number
  readonly headers: HeaderList
  readonly body: Buffer
}

const NOTHING = Buffer.alloc(0)
const JSON_TYPE = 'application/json'

/** RFC 9110, 5.1. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what no header can carry
const NOT_A_VALUE = /[\u0000-\u0008\u000a-\u001f\u007f]/

/** Framing and connection are not the function's to say. */
const NOT_TAKEN = new Set(['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'upgrade'])

/**
 * Reads a result as API Gateway does. In format 2.0 a value without `statusCode` is the whole body, a string as it is
 * and anything else as JSON; in 1.0 that is a mistake.
 *
 * @throws Error With a sentence for the operator, when it is not an answer.
 */
export function readResult(text: string, format: 'v1' | 'v2'): ReadResult {
  let value: unknown
  try {
    value = text === '' ? null : JSON.parse(text)
  } catch {
    throw new Error('the result is not JSON')
  }
  if (!isObject(value) || value['statusCode'] === undefined) {
    if (format === 'v1') throw new Error('the result has no statusCode')
    const body = Buffer.from(typeof value === 'string' ? value : text)
    return { status: 200, headers: new HeaderList(['content-type', JSON_TYPE]), body }
  }
  const { status, headers } = readHead(value)
  if (status !== 204 && status !== 304 && !headers.has('content-type')) headers.add('content-type', JSON_TYPE)
  return { status, headers, body: readBody(value) }
}

/**
 * Reads the head of an answer from a result, or from what comes before a streamed body.
 *
 * @throws Error With a sentence for the operator.
 */
export function readHead(value: Readonly<Record<string, unknown>>): { status: number; headers: HeaderList } {
  const headers = new HeaderList()
  const multiple = value['multiValueHeaders'] ?? null
  const taken = new Set<string>()
  if (multiple !== null) {
    if (!isObject(multiple)) throw new Error('multiValueHeaders is not an object')
    for (const [name, values] of Object.entries(multiple)) {
      if (!Array.isArray(values)) throw new Error('multiValueHeaders has a value that is not a list')
      taken.add(name.toLowerCase())
      for (const each of values) add(headers, name, each)
    }
  }
  const single = value['headers'] ?? null
  if (single !== null) {
    if (!isObject(single)) throw new Error('headers is not an object')
    for (const [name, each] of Object.entries(single)) {
      if (!taken.has(name.toLowerCase())) add(headers, name, each)
    }
  }
  const cookies = value['cookies'] ?? null
  if (cookies !== null) {
    if (!Array.isArray(cookies)) throw new Error('cookies is not a list')
    for (const cookie of cookies) add(headers, 'set-cookie', cookie)
  }
  return { status: readStatus(value['statusCode'] ?? 200), headers }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readStatus(value: unknown): number {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) {
    throw new Error('the statusCode is not a final status of HTTP')
  }
  return status
}

function readBody(value: Readonly<Record<string, unknown>>): Buffer {
  const body = value['body'] ?? null
  if (body === null) return NOTHING
  if (typeof body !== 'string') throw new Error('the body is not a string')
  return Buffer.from(body, value['isBase64Encoded'] === true ? 'base64' : 'utf8')
}

function add(headers: HeaderList, written: string, value: unknown): void {
  if (value === null || value === undefined) return
  if (typeof value === 'object') throw new Error('a header has a value that is not text')
  const name = written.toLowerCase()
  const text = String(value)
  if (!TOKEN.test(name) || NOT_A_VALUE.test(text)) throw new Error('a header has what HTTP cannot carry')
  if (!NOT_TAKEN.has(name)) headers.add(name, asOctets(text))
}

/** HTTP carries octets: what is not latin1 goes as UTF-8. */
function asOctets(text: string): string {
  return /[\u0100-\uffff]/.test(text) ? Buffer.from(text).toString('latin1') : text
}
