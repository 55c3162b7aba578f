import http, { type IncomingMessage } from 'node:http'
import type { LambdaFunction } from './lambda-platform.ts'
import type { Replies } from './lambda-replies.ts'

interface HttpEvent {
  readonly version: string
  readonly rawPath: string
  readonly rawQueryString: string
  readonly path: string
  readonly httpMethod: string
  readonly headers: Record<string, string>
  readonly cookies?: string[]
  readonly multiValueHeaders: Record<string, string[]>
  readonly multiValueQueryStringParameters: Record<string, string[]> | null
  readonly requestContext: { readonly http: { readonly method: string } }
  readonly body?: string | null
  readonly isBase64Encoded: boolean
}

/** The kit's function, which speaks HTTP on a port, as a Lambda function in either format, streaming or not. */
export function kitFunction(port: number, options: Omit<LambdaFunction, 'run'> = {}): LambdaFunction {
  return {
    ...options,
    run: (event, replies) => {
      const asked = JSON.parse(event.toString()) as HttpEvent
      const target = asked.version === '2.0' ? targetV2(asked) : targetV1(asked)
      const fault = /^\/fault\/([^?]*)/.exec(target)?.[1]
      // What breaks a connection is done to that of the service: the function's is not seen.
      if (fault !== undefined && FAULTS[fault] !== undefined) FAULTS[fault](replies)
      else {
        try {
          call(port, asked, target, replies)
        } catch (error) {
          // What HTTP cannot carry ends here: a function with an event that it does not like.
          replies.fail({ errorType: (error as Error).name, errorMessage: 'the event cannot be served' })
        }
      }
    },
  }
}

const targetV2 = ({ rawPath, rawQueryString }: HttpEvent): string =>
  rawQueryString === '' ? rawPath : `${rawPath}?${rawQueryString}`

function targetV1({ path, multiValueQueryStringParameters: query }: HttpEvent): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, values]) =>
    values.map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  )
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
}

function call(port: number, asked: HttpEvent, target: string, replies: Replies): void {
  const method = asked.version === '2.0' ? asked.requestContext.http.method : asked.httpMethod
  const fields = asked.version === '2.0' ? Object.entries(asked.headers) : undefined
  const headers = (fields ?? flatten(asked.multiValueHeaders)).flat()
  if (asked.cookies !== undefined) headers.push('cookie', asked.cookies.join('; '))
  const request = http.request({ host: '127.0.0.1', port, method, path: target, headers, agent: false })
  request.on('error', () =>
    replies.fail({
      errorType: 'Runtime.ExitError',
      errorMessage: 'RequestId: 1 Error: Runtime exited without providing a reason',
    }),
  )
  request.on('response', (answer) => {
    if (replies.streaming) stream(answer, replies)
    else void gather(answer, asked.version, replies)
  })
  replies.response.on('close', () => request.destroy())
  request.end(Buffer.from(asked.body ?? '', asked.isBase64Encoded ? 'base64' : 'utf8'))
}

function stream(answer: IncomingMessage, replies: Replies): void {
  replies.head(headOf(answer, '2.0'))
  answer.on('data', (chunk: Buffer) => {
    if (replies.write(chunk)) return
    answer.pause()
    replies.response.once('drain', () => answer.resume())
  })
  answer.on('end', () => replies.end())
  answer.on('error', () => replies.response.destroy())
}

async function gather(answer: IncomingMessage, version: string, replies: Replies): Promise<void> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of answer) chunks.push(chunk as Buffer)
  } catch {
    replies.response.destroy()
    return
  }
  const body = Buffer.concat(chunks)
  replies.result(
    JSON.stringify({ ...headOf(answer, version), body: body.toString('base64'), isBase64Encoded: true }),
  )
}

function headOf({ statusCode, rawHeaders }: IncomingMessage, version: string): object {
  const named: Record<string, string[]> = Object.create(null)
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase()
    if (/^(connection|keep-alive|transfer-encoding|date)$/.test(name)) continue
    named[name] = [...(named[name] ?? []), rawHeaders[i + 1]!]
  }
  if (version === '1.0') return { statusCode, multiValueHeaders: named }
  const { 'set-cookie': cookies, ...rest } = named
  const headers = Object.fromEntries(Object.entries(rest).map(([name, values]) => [name, values.join(',')]))
  return cookies === undefined ? { statusCode, headers } : { statusCode, headers, cookies }
}

const flatten = (headers: Record<string, string[]>): [string, string][] =>
  Object.entries(headers).flatMap(([name, values]) => values.map((value): [string, string] => [name, value]))

const FAULTS: Readonly<Record<string, (replies: Replies) => void>> = {
  reset: ({ response }) => response.socket!.resetAndDestroy(),
  'cut-length': cutStream,
  'cut-chunked': cutStream,
  malformed: ({ response }) =>
    response.socket!.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello'),
}

function cutStream(replies: Replies): void {
  replies.head({ statusCode: 200, headers: { 'content-type': 'text/plain' } })
  replies.write('partial')
  setImmediate(() => replies.response.destroy())
}
