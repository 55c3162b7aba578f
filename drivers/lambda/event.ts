import type { Invocation } from '../../gateway/contract/driver.ts'
import { type EventBody, eventBody } from './event-body.ts'
import { readQuery } from './event-query.ts'

/** A field for each name, also for names that objects have a meaning for. */
type Fields<Value> = Record<string, Value>

const fields = <Value>(): Fields<Value> => Object.create(null) as Fields<Value>

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * The event of an HTTP API or a Function URL, payload format 2.0: names in lower case, several values of one name
 * joined by commas, cookies apart, the path as it was sent.
 */
export function eventV2(invocation: Invocation, body: Buffer | null, now: number): string {
  const { call, headers, method, path } = invocation
  const [rawPath, rawQueryString] = split(path)
  const named = fields<string>()
  const cookies: string[] = []
  const { flat } = headers
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    const value = flat[i + 1]!
    if (name === 'cookie') for (const cookie of value.split(/; */)) cookies.push(cookie)
    else named[name] = named[name] === undefined ? value : `${named[name]},${value}`
  }
  const query = rawQueryString === '' ? undefined : fields<string>()
  if (query !== undefined) {
    for (const [name, value] of readQuery(rawQueryString)) {
      query[name] = query[name] === undefined ? value : `${query[name]},${value}`
    }
  }
  const encoded = encode(invocation, body, named)
  return JSON.stringify({
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    cookies: cookies.length === 0 ? undefined : cookies,
    headers: named,
    queryStringParameters: query,
    requestContext: {
      accountId: 'anonymous',
      apiId: call.route.functionName,
      authorizer: authorizerV2(invocation),
      domainName: call.host,
      domainPrefix: call.host.split('.')[0],
      http: {
        method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: call.clientAddress,
        userAgent: headers.get('user-agent') ?? '',
      },
      requestId: call.id,
      routeKey: '$default',
      stage: '$default',
      time: logTime(now),
      timeEpoch: now,
    },
    body: encoded?.body,
    isBase64Encoded: encoded?.isBase64Encoded ?? false,
  })
}

/** The event of a REST API, payload format 1.0: of several values of one name the last, and all of them beside it. */
export function eventV1(invocation: Invocation, body: Buffer | null, now: number): string {
  const { call, headers, method, path } = invocation
  const [rawPath, rawQuery] = split(path)
  const [named, multiValueHeaders] = [fields<string>(), fields<string[]>()]
  for (let i = 0; i < headers.flat.length; i += 2) {
    put(named, multiValueHeaders, headers.flat[i]!, headers.flat[i + 1]!)
  }
  const [query, multiValueQuery] = [fields<string>(), fields<string[]>()]
  for (const [name, value] of readQuery(rawQuery)) put(query, multiValueQuery, name, value)
  const encoded = encode(invocation, body, named)
  if (encoded !== null) multiValueHeaders['content-length'] = [named['content-length']!]
  const { principal } = call
  return JSON.stringify({
    version: '1.0',
    resource: '/{proxy+}',
    path: rawPath,
    httpMethod: method,
    headers: named,
    multiValueHeaders,
    queryStringParameters: rawQuery === '' ? null : query,
    multiValueQueryStringParameters: rawQuery === '' ? null : multiValueQuery,
    pathParameters: { proxy: rawPath.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: 'anonymous',
      apiId: call.route.functionName,
      authorizer:
        principal === null
          ? undefined
          : { principalId: principal.subject, claims: { sub: principal.subject, iss: principal.issuer } },
      domainName: call.host,
      domainPrefix: call.host.split('.')[0],
      extendedRequestId: call.id,
      httpMethod: method,
      identity: { sourceIp: call.clientAddress, userAgent: headers.get('user-agent') ?? '' },
      path: rawPath,
      protocol: 'HTTP/1.1',
      requestId: call.id,
      requestTime: logTime(now),
      requestTimeEpoch: now,
      resourceId: '',
      resourcePath: '/{proxy+}',
      stage: '$default',
    },
    body: encoded?.body ?? null,
    isBase64Encoded: encoded?.isBase64Encoded ?? false,
  })
}

function authorizerV2({ call: { principal } }: Invocation): object | undefined {
  if (principal === null) return undefined
  const { subject, issuer, organization, scopes } = principal
  if (principal.credential === 'jwt') return { jwt: { claims: { sub: subject, iss: issuer }, scopes } }
  return { lambda: { principalId: subject, organization } }
}

/** The length is that of the body as it came, as Function URLs say it. */
function encode({ headers }: Invocation, body: Buffer | null, named: Fields<string>): EventBody | null {
  if (body === null || body.length === 0) return null
  named['content-length'] = String(body.length)
  return eventBody(body, headers.get('content-type'), headers.get('content-encoding'))
}

function put(last: Fields<string>, all: Fields<string[]>, name: string, value: string): void {
  last[name] = value
  const values = all[name]
  if (values === undefined) all[name] = [value]
  else values.push(value)
}

function split(path: string): [string, string] {
  const at = path.indexOf('?')
  return at < 0 ? [path, ''] : [path.slice(0, at), path.slice(at + 1)]
}

/** `22/Nov/2026:09:51:48 +0000` */
function logTime(now: number): string {
  const date = new Date(now)
  const day = String(date.getUTCDate()).padStart(2, '0')
  const clock = date.toISOString().slice(11, 19)
  return `${day}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${clock} +0000`
}
