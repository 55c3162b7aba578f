import { FieldLines } from '../../contract/field-lines.ts'
import type { UpstreamRequest } from '../../contract/transport.ts'

/** Methods, and whether their requests have a body: without one they then say so (RFC 9110, 8.6). */
const HAS_BODY: ReadonlyMap<string, boolean> = new Map([
  ...['GET', 'HEAD', 'DELETE', 'OPTIONS'].map((method) => [method, false] as const),
  ...['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'].map((method) => [method, true] as const),
])

const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const NOT_A_TARGET = /^[^/]|[^\u0021-\u007e\u0080-\u00ff]/

const HOST = 1
const LENGTH = 2
/** What belongs to the connection. */
const REFUSED = 3
const LINES = new FieldLines({
  host: HOST,
  'content-length': LENGTH,
  'transfer-encoding': REFUSED,
  connection: REFUSED,
  'keep-alive': REFUSED,
  upgrade: REFUSED,
  expect: REFUSED,
})

/**
 * The head of a request as it goes onto the wire, a character for each octet.
 *
 * @param authority Value of Host when the request brings none.
 * @throws Error With a sentence, when the request cannot be written as HTTP.
 */
export function requestHead(request: UpstreamRequest, authority: string): string {
  const { method, path, headers } = request
  if (!HAS_BODY.has(method) && !METHOD.test(method)) throw new Error('the method is no token')
  if (NOT_A_TARGET.test(path)) throw new Error('the path has a character that no target can carry')
  let fields = ''
  let host = ''
  let declared = ''
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!
    const value = headers[i + 1]!
    const line = LINES.of(name, i >> 1)
    const whole = line.with(value)
    const { kind } = line
    if (kind === 0) {
      fields += whole
    } else if (kind === HOST) {
      if (host !== '') throw new Error('there are two Host headers')
      host = value
    } else if (kind === LENGTH) {
      if (declared !== '' || !/^\d{1,15}$/.test(value)) throw new Error('the declared length is not clear')
      declared = value
    } else {
      throw new Error(`${name} belongs to the connection, not to the request`)
    }
  }
  const framing = framingOf(request, declared === '' ? -1 : Number(declared))
  const kept = keepsConnection(request) ? '' : '\r\nconnection: close'
  return `${method} ${path} HTTP/1.1\r\nhost: ${host === '' ? authority : host}${kept}${fields}${framing}\r\n\r\n`
}

/**
 * False when the connection is not to be used again. A server may send a body with the answer to HEAD, or not read the
 * body of a request that usually has none: what follows would be misread.
 */
export function keepsConnection({ method, body }: UpstreamRequest): boolean {
  return HAS_BODY.get(method) === true || (method !== 'HEAD' && (body === null || isEmpty(body)))
}

/** Length of a streamed body as the head declares it, -1 when it is sent in chunks. */
export function streamLength({ headers, bodyLength }: UpstreamRequest): number {
  if (bodyLength >= 0) return bodyLength
  const at = headers.indexOf('content-length')
  return at < 0 ? -1 : Number(headers[at + 1])
}

function framingOf(request: UpstreamRequest, declared: number): string {
  const { method, body } = request
  if (body === null || Buffer.isBuffer(body)) {
    const length = body === null ? 0 : body.length
    if (declared >= 0 && declared !== length) throw new Error('the declared length is not that of the body')
    return length === 0 && HAS_BODY.get(method) !== true ? '' : `\r\ncontent-length: ${length}`
  }
  const { bodyLength } = request
  if (declared >= 0 && bodyLength >= 0 && declared !== bodyLength)
    throw new Error('the declared length is not that of the body')
  const length = Math.max(declared, bodyLength)
  return length < 0 ? '\r\ntransfer-encoding: chunked' : `\r\ncontent-length: ${length}`
}

function isEmpty(body: UpstreamRequest['body']): boolean {
  return Buffer.isBuffer(body) && body.length === 0
}
