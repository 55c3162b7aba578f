import type { ServerResponse } from 'node:http'
import type { Activation } from './openwhisk-platform.ts'
import { refuse } from './openwhisk-words.ts'

const NO_HTTP = "Response is not valid 'message/http'."
const FAILED = 'There was an error processing your request.'

/** What the controller makes of the result of a web action with `.http` (WebActions.scala). */
export function answerWeb({ response: { status, result } }: Activation, response: ServerResponse): void {
  response.setHeader('Access-Control-Allow-Origin', '*')
  response.setHeader('Access-Control-Allow-Methods', 'OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH')
  const value = status === 'success' ? result : (result as { error: unknown }).error
  if (status !== 'success' && status !== 'application error') refuse(response, 400, FAILED)
  else if (typeof value !== 'object' || value === null) refuse(response, 400, NO_HTTP)
  else answerHttp(value, response)
}

function answerHttp(value: object, response: ServerResponse): void {
  const { statusCode, headers = {}, body } = value as Record<string, never>
  const fields = Object.entries(headers as Record<string, string | string[]>)
  for (const [name, each] of fields) response.setHeader(name, each)
  if (body === undefined || body === null || body === '') {
    response.removeHeader('content-type')
    response.writeHead(statusCode ?? 204).end()
    return
  }
  const type = String(response.getHeader('content-type') ?? 'text/html')
  if (!response.hasHeader('content-type')) response.setHeader('content-type', type)
  const isText = /^text\/|json|xml|javascript/.test(type)
  const bytes =
    typeof body === 'object'
      ? Buffer.from(JSON.stringify(body))
      : Buffer.from(body, isText ? 'utf8' : 'base64')
  response.setHeader('content-length', bytes.length)
  response.writeHead(statusCode ?? 200).end(bytes)
}

/** A request as the parameters of a web action. */
export function webParameters(
  method: string,
  { search }: URL,
  rest: string,
  rawHeaders: readonly string[],
  body: Buffer,
): Record<string, unknown> {
  // One value for each name.
  const headers = Object.create(null) as Record<string, string>
  for (let i = 0; i < rawHeaders.length; i += 2) headers[rawHeaders[i]!.toLowerCase()] ??= rawHeaders[i + 1]!
  const own = { __ow_method: method.toLowerCase(), __ow_headers: headers, __ow_path: rest }
  const query = { __ow_query: search.slice(1) }
  return { ...own, ...query, ...(body.length > 0 && { __ow_body: body.toString('base64') }) }
}
