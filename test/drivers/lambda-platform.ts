import { randomUUID } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { listen, shut } from '../loopback.ts'
import { bodyOf } from './body-of.ts'
import { LambdaControl } from './lambda-control.ts'
import { PlatformReplies, type Replies } from './lambda-replies.ts'
import { type KnownKey, refusedSignature } from './lambda-signature.ts'
import { answer, notFound, REGION, refuse } from './lambda-words.ts'

export const KEY: KnownKey = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret/key', sessionToken: null }
export const LIMIT = 6_291_456

export interface LambdaFunction {
  readonly run: (event: Buffer, replies: Replies, headers: IncomingMessage['headers']) => void
  /** Calls at once; more are refused. */
  readonly reserved?: number
  readonly perTenant?: boolean
  /** Calls a second that are begun; more are refused. */
  readonly perSecond?: number
  /** Milliseconds that a call may take. */
  readonly timeoutMs?: number
}

interface Deployed extends LambdaFunction {
  running: number
  /** When the calls of its rate so far are used up, in milliseconds since 1970. */
  paidUntil: number
}

/**
 * The API of Lambda on one port, with the manners that were recorded: every request must be signed, names come in all
 * their forms, failures of functions are answers of 200, refusals have a type.
 */
export class LambdaPlatform {
  readonly #functions = new Map<string, Deployed>()
  readonly #server = http.createServer((request, response) => void this.#serve(request, response))
  readonly control = new LambdaControl()
  /** What was asked: method and target. */
  readonly requests: string[] = []
  /** Headers of the last request. */
  lastHeaders: IncomingMessage['headers'] = {}
  lastBody: Buffer = Buffer.alloc(0)
  key: KnownKey = KEY
  /** Milliseconds that its clock is ahead. */
  skewMs = 0
  /** Refuses all but invocations, as a role that may only invoke. */
  onlyInvoke = false

  async listen(): Promise<string> {
    return `http://127.0.0.1:${await listen(this.#server)}`
  }

  deploy(name: string, definition: LambdaFunction): void {
    this.#functions.set(name, { ...definition, running: 0, paidUntil: 0 })
    this.control.add(name, definition.reserved ?? null).aliases.set('live', '1')
  }

  close(): void {
    shut(this.#server)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => {})
    const body = await bodyOf(request)
    if (body === null) return
    const [method, target] = [request.method!, request.url!]
    this.requests.push(`${method} ${target}`)
    this.lastHeaders = request.headers
    this.lastBody = body
    const now = Date.now() + this.skewMs
    response.setHeader('x-amzn-RequestId', randomUUID())
    response.setHeader('Date', new Date(now).toUTCString())
    const { rawHeaders } = request
    const refused = refusedSignature({ method, target, rawHeaders, body }, this.key, REGION, now)
    if (refused !== null) {
      refuse(response, 403, `${refused}:http://internal.amazon.com/coral/com.amazon.coral.service/`, {
        message: 'The security token included in the request is invalid.',
      })
      return
    }
    if (method === 'POST' && /-?invocations$/.test(target)) this.#invoke(request, body, response)
    else this.#administer(method, target, body, response)
  }

  #administer(method: string, target: string, body: Buffer, response: ServerResponse): void {
    if (this.onlyInvoke) {
      refuse(response, 403, 'AccessDeniedException', { Message: 'User is not authorized to perform this' })
      return
    }
    if (target === '/2016-08-19/account-settings/') {
      answer(response, 200, JSON.stringify({ AccountLimit: { ConcurrentExecutions: 1000 } }))
      return
    }
    this.control.serve(method, target, body, response)
  }

  #invoke({ url, headers }: IncomingMessage, event: Buffer, response: ServerResponse): void {
    const match =
      /^\/(2015-03-31|2021-11-15)\/functions\/([^/?]+)\/(?:response-streaming-)?invocations$/.exec(url!)
    const found = match === null ? null : this.#find(decodeURIComponent(match[2]!))
    if (found === null) {
      notFound(response, match?.[2] ?? '')
      return
    }
    const tenant = headers['x-amz-tenant-id'] !== undefined
    if (tenant !== (found.perTenant ?? false)) {
      const message = 'The invoked function is not enabled for tenancy, or the tenant id is missing.'
      refuse(response, 400, 'InvalidParameterValueException', { Type: 'User', message })
    } else if (event.length > LIMIT) {
      const message = `${event.length} byte payload is too large for the RequestResponse invocation type (limit ${LIMIT} bytes)`
      refuse(response, 413, 'RequestTooLargeException', { Type: 'User', message })
    } else if (!isJson(event)) {
      const message = 'Could not parse request body into json: Could not parse payload into json'
      refuse(response, 400, 'InvalidRequestContentException', { Type: 'User', message })
    } else if (found.reserved !== undefined && found.running >= found.reserved) {
      const Reason = 'ReservedFunctionConcurrentInvocationLimitExceeded'
      response.setHeader('Retry-After', '1')
      refuse(response, 429, 'TooManyRequestsException', { Reason, Type: 'User', message: 'Rate Exceeded.' })
    } else if (found.perSecond !== undefined && !hasTurn(found, found.perSecond)) {
      const Reason = 'FunctionInvocationRateLimitExceeded'
      refuse(response, 429, 'TooManyRequestsException', { Reason, Type: 'User', message: 'Rate Exceeded.' })
    } else {
      this.#run(found, event, response, headers, match![1] === '2021-11-15')
    }
  }

  #run(
    found: Deployed,
    event: Buffer,
    response: ServerResponse,
    headers: IncomingMessage['headers'],
    streaming: boolean,
  ): void {
    found.running++
    response.setHeader('X-Amz-Executed-Version', '$LATEST')
    const wantsLog = headers['x-amz-log-type'] === 'Tail'
    const replies = new PlatformReplies(response, streaming, wantsLog)
    const timer =
      found.timeoutMs === undefined
        ? undefined
        : setTimeout(
            () =>
              replies.fail({
                errorType: 'Sandbox.Timedout',
                errorMessage: `RequestId: ${randomUUID()} Error: Task timed out after 3.00 seconds`,
              }),
            found.timeoutMs,
          )
    // A caller that leaves does not stop a function; the stand-in forgets it all the same.
    response.on('close', () => {
      clearTimeout(timer)
      found.running--
    })
    found.run(event, replies, headers)
  }

  /** By name, name and qualifier, partial or full ARN. */
  #find(written: string): Deployed | null {
    const parts = /^(?:arn:aws:lambda:[a-z0-9-]+:)?(?:\d{12}:)?(?:function:)?([\w-]+)(?::([\w$-]+))?$/.exec(
      written,
    )
    return this.#functions.get(parts?.[1] ?? '') ?? null
  }
}

/** A bucket of a tenth of a second. */
function hasTurn(found: Deployed, perSecond: number): boolean {
  const now = Date.now()
  const next = Math.max(now, found.paidUntil) + 1000 / perSecond
  if (next > now + 100 + 1000 / perSecond) return false
  found.paidUntil = next
  return true
}

function isJson(event: Buffer): boolean {
  if (event.length === 0) return true
  try {
    JSON.parse(event.toString())
    return true
  } catch {
    return false
  }
}
