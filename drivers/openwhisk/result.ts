import { isRecord } from '../../gateway/contract/exact-json.ts'
import { HeaderList } from '../../gateway/contract/headers.ts'
import type { Sink } from '../../gateway/contract/sink.ts'
import { isJsonType, isTextType } from './parameters.ts'

/** An answer that an action gave as a value. */
export interface Rendered {
  readonly status: number
  readonly headers: HeaderList
  readonly body: Buffer
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const NO_VALUE = /[\u0000-\u0008\u000a-\u001f\u007f]|[^\u0000-\u00ff]/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** Of a message, not of what it says. */
const FRAMING = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'trailer',
])

/**
 * What the result of an action says as an answer, by the rules of web actions; one that has neither `statusCode` nor
 * `headers` nor `body` is JSON for the caller as it is.
 *
 * @returns Null for a result that no answer can be made of.
 */
export function render(result: unknown): Rendered | null {
  return isWrapped(result) ? renderWeb(result) : json(200, new HeaderList(), result)
}

/**
 * The same for what was called as a web action: a result is an answer whatever it holds, one without a body has none.
 */
export function renderWeb(result: unknown): Rendered | null {
  if (!isRecord(result)) return null
  const { statusCode, headers: written, body } = result
  const status = statusCode ?? null
  if (status !== null && !(Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599))
    return null
  const headers = readHeaders(written ?? {})
  if (headers === null) return null
  const code = status === null ? 200 : Number(status)
  if (body === undefined || body === null || body === '') {
    headers.remove('content-type')
    return { status: status === null ? 204 : code, headers, body: Buffer.alloc(0) }
  }
  const type = headers.get('content-type')
  if (typeof body === 'object') return type === null || isJsonType(type) ? json(code, headers, body) : null
  if (type === null) headers.add('content-type', 'text/html; charset=utf-8')
  const bytes = bytesOf(String(body), type ?? 'text/html')
  return bytes === null ? null : { status: code, headers, body: bytes }
}

/** Gives an answer to who waits for it. */
export function sendRendered(
  sink: Sink,
  { status, headers, body }: Rendered,
  activationId: string | null,
  isHead: boolean,
): void {
  if (status !== 204 && status !== 304) headers.set('content-length', String(body.length))
  if (activationId !== null) headers.set('x-openwhisk-activation-id', activationId)
  sink.head(status, headers)
  if (body.length > 0 && !isHead) sink.data(body)
  sink.end()
}

/** Whether a value is an answer rather than data. */
export function isWrapped(result: unknown): boolean {
  return isRecord(result) && ['statusCode', 'headers', 'body'].some((name) => Object.hasOwn(result, name))
}

function json(status: number, headers: HeaderList, value: unknown): Rendered {
  if (!headers.has('content-type')) headers.add('content-type', 'application/json')
  return { status, headers, body: Buffer.from(JSON.stringify(value ?? null)) }
}

/** Text of a type that is not text is base64; of JSON it may be. */
function bytesOf(text: string, type: string): Buffer | null {
  if (isTextType(type) && !isJsonType(type)) return Buffer.from(text)
  if (BASE64.test(text)) return Buffer.from(text, 'base64')
  return isJsonType(type) ? Buffer.from(text) : null
}

function readHeaders(written: unknown): HeaderList | null {
  if (!isRecord(written)) return null
  const headers = new HeaderList()
  for (const [name, value] of Object.entries(written)) {
    const lower = name.toLowerCase()
    if (!NAME.test(name)) return null
    if (FRAMING.has(lower)) continue
    for (const each of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (!['string', 'number', 'boolean'].includes(typeof each) || NO_VALUE.test(String(each))) return null
      headers.add(lower, String(each))
    }
  }
  return headers
}
