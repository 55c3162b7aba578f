import type { UpstreamRequest } from '../../contract/transport.ts'

/** Methods whose requests have a body: without one they say so (RFC 9110, 8.6). */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'QUERY', 'PROPFIND', 'PROPPATCH'])

const NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/
const METHOD = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const NOT_A_TARGET = /^[^/]|[^\u0021-\u007e\u0080-\u00ff]/
const NOT_A_VALUE = /[^\t\u0020-\u007e\u0080-\u00ff]/

type Kind = 'plain' | 'host' | 'length' | 'refused'

/** What becomes of a field, by its name as it was given; names that were seen valid are kept here, up to a bound. */
const KINDS = new Map<string, Kind>([
  ['host', 'host'],
  ['content-length', 'length'],
  ['transfer-encoding', 'refused'],
  ['connection', 'refused'],
  ['keep-alive', 'refused'],
  ['upgrade', 'refused'],
  ['expect', 'refused'],
])
const MOST_KINDS = 2000

/**
 * The head of a request as it goes onto the wire, a character for each octet.
 *
 * @param authority Value of Host when the request brings none.
 * @throws Error With a sentence, when the request cannot be written as HTTP.
 */
export function requestHead(request: UpstreamRequest, authority: string): string {
  const { method, path, headers } = request
  if (!WITH_BODY.has(method) && !METHOD.test(method)) throw new Error('the method is no token')
  if (NOT_A_TARGET.test(path)) throw new Error('the path has a character that no target can carry')
  let fields = ''
  let host = ''
  let declared = ''
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i]!
    const value = headers[i + 1]
    if (value === undefined || NOT_A_VALUE.test(value))
      throw new Error('a header has a value that HTTP cannot carry')
    const kind = KINDS.get(name) ?? kindOf(name)
    if (kind === 'plain') {
      fields += `${name}: ${value}\r\n`
    } else if (kind === 'host') {
      if (host !== '') throw new Error('there are two Host headers')
      host = value
    } else if (kind === 'length') {
      if (declared !== '' || !/^\d{1,15}$/.test(value)) throw new Error('the declared length is not clear')
      declared = value
    } else {
      throw new Error(`${name} belongs to the connection, not to the request`)
    }
  }
  const framing = framingOf(request, declared === '' ? -1 : Number(declared))
  const kept = keepsConnection(request) ? '' : 'connection: close\r\n'
  return `${method} ${path} HTTP/1.1\r\nhost: ${host === '' ? authority : host}\r\n${kept}${fields}${framing}\r\n`
}

/**
 * False when the connection is not to be used again. A server may send a body with the answer to HEAD, or not read the
 * body of a request that usually has none: what follows would be misread.
 */
export function keepsConnection({ method, body }: UpstreamRequest): boolean {
  return WITH_BODY.has(method) || (method !== 'HEAD' && (body === null || isEmpty(body)))
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
    return length === 0 && !WITH_BODY.has(method) ? '' : `content-length: ${length}\r\n`
  }
  const { bodyLength } = request
  if (declared >= 0 && bodyLength >= 0 && declared !== bodyLength)
    throw new Error('the declared length is not that of the body')
  const length = Math.max(declared, bodyLength)
  return length < 0 ? 'transfer-encoding: chunked\r\n' : `content-length: ${length}\r\n`
}

function isEmpty(body: UpstreamRequest['body']): boolean {
  return Buffer.isBuffer(body) && body.length === 0
}

/** @throws Error For what is no name. */
function kindOf(given: string): Kind {
  const name = given.toLowerCase()
  if (!NAME.test(name)) throw new Error('a header has a name that HTTP cannot carry')
  const kind = KINDS.get(name) ?? 'plain'
  if (KINDS.size < MOST_KINDS) KINDS.set(given, kind)
  return kind
}
