import { Agent, type Dispatcher } from 'undici'
import type { KongConfig } from '../../../gateway/config/schema.ts'
import { isRecord } from '../canonical.ts'
import type { Fields, Json } from '../entities.ts'
import { KongError } from '../kong-error.ts'
import { errorOf } from './classify.ts'

/** Largest answer that is read: a page of a thousand certificates has less. */
const MOST_BYTES = 64 * 1024 * 1024
const CONNECTIONS = 8
/** Connections that Kong's nginx may be about to close are not used again. */
const KEEP_ALIVE_MS = 10_000

export type AdminConfig = KongConfig['admin']

export interface AdminRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Begins with a slash, is encoded, and has no workspace. */
  readonly path: string
  readonly body?: Fields
  /** A text instead of a body. */
  readonly yaml?: string
  readonly signal: AbortSignal
}

export interface AdminAnswer {
  readonly status: number
  /** Null where there is no body. */
  readonly content: Json
}

/** Speaks HTTP to an Admin API: TLS is always verified, answers are bounded in time and size, redirects not followed. */
export class AdminConnection {
  readonly address: string
  readonly #origin: string
  readonly #base: string
  readonly #workspace: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #timeoutMs: number
  readonly #agent: Agent

  constructor({ url, workspace, headers, ca, certificate, key, timeout }: AdminConfig) {
    const { origin, pathname } = new URL(url)
    this.#origin = origin
    this.#base = pathname.replace(/\/+$/, '')
    this.#workspace = workspace === null ? '' : `/${encodeURIComponent(workspace)}`
    this.address = origin + this.#base + this.#workspace
    this.#headers = headers
    this.#timeoutMs = timeout
    this.#agent = new Agent({
      connections: CONNECTIONS,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      headersTimeout: timeout,
      bodyTimeout: timeout,
      connect: {
        timeout,
        rejectUnauthorized: true,
        ...(ca === null ? {} : { ca }),
        ...(certificate === null ? {} : { cert: certificate }),
        ...(key === null ? {} : { key }),
      },
    })
  }

  /** @throws KongError For every answer but a success. */
  async send(request: AdminRequest): Promise<AdminAnswer> {
    return this.#send(request, this.#base + this.#workspace + request.path)
  }

  /** The same for what belongs to no workspace. */
  async sendGlobal(request: AdminRequest): Promise<AdminAnswer> {
    return this.#send(request, this.#base + request.path)
  }

  async close(): Promise<void> {
    await this.#agent.destroy()
  }

  async #send({ method, body, yaml, signal }: AdminRequest, path: string): Promise<AdminAnswer> {
    if (signal.aborted) throw new KongError('aborted', 'it was given up')
    const timeout = AbortSignal.timeout(this.#timeoutMs)
    const sent = yaml ?? (body === undefined ? null : JSON.stringify(body))
    let answer: Dispatcher.ResponseData
    let text: string
    try {
      answer = await this.#agent.request({
        origin: this.#origin,
        path,
        method,
        headers: {
          ...this.#headers,
          accept: 'application/json',
          ...(sent === null ? {} : { 'content-type': yaml === undefined ? 'application/json' : 'text/yaml' }),
        },
        body: sent,
        signal: AbortSignal.any([signal, timeout]),
      })
      text = await readText(answer)
    } catch (error) {
      throw error instanceof KongError ? error : transportError(error, this.address, signal, timeout)
    }
    const { statusCode: status, headers } = answer
    if (status < 200 || status > 299) throw errorOf(status, headers, text)
    return { status, content: text === '' ? null : contentOf(text, this.address) }
  }
}

async function readText({ body }: Dispatcher.ResponseData): Promise<string> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length
    if (size > MOST_BYTES) {
      body.destroy()
      throw new KongError('malformed', `Kong answers with more than ${MOST_BYTES} bytes`)
    }
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function contentOf(text: string, address: string): Json {
  try {
    const value = JSON.parse(text) as Json
    if (isRecord(value)) return value
  } catch {
    // Told below.
  }
  throw new KongError('malformed', `what answers at ${address} is not an Admin API of Kong`)
}

function transportError(
  error: unknown,
  address: string,
  signal: AbortSignal,
  timeout: AbortSignal,
): KongError {
  if (signal.aborted) return new KongError('aborted', 'it was given up', { cause: error })
  const { code = '', message = '' } = (error ?? {}) as NodeJS.ErrnoException
  if (timeout.aborted || /TIMEOUT/.test(code)) {
    return new KongError('timeout', `Kong at ${address} does not answer in time`, { cause: error })
  }
  const isTls = /CERT|SELF_SIGNED|TLS|SSL|UNABLE_TO|ALTNAME|DEPTH_ZERO/.test(code)
  if (isTls) {
    return new KongError('denied', `the certificate of Kong at ${address} is not believed (${code})`, {
      cause: error,
    })
  }
  return new KongError('unreachable', `Kong at ${address} cannot be reached (${code || message})`, {
    cause: error,
  })
}
