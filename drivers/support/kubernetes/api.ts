import { setTimeout as pause } from 'node:timers/promises'
import { type Dispatcher, request } from 'undici'
import { readText } from '../bounded-body.ts'
import { reasonOf } from '../health-probe.ts'
import type { Access, AccessSource } from './access.ts'
import { type Connection, Connections } from './connection.ts'
import { fieldsAt, fieldsOf, itemsOf, textOf } from './fields.ts'
import { type KubernetesRefusal, refusalOf } from './refusal.ts'

/** A webhook of the cluster may take nearly as long. */
const TIMEOUT_MS = 30_000
/** Objects of one page, and pages of one list. */
const PAGE = 250
const MOST_PAGES = 40
/** The API asks to come again later (429) so often, and so late, at most. */
const MOST_TRIES = 4
const MOST_WAIT_MS = 5000

type Query = Readonly<Record<string, string>>

interface Sent {
  readonly method: Dispatcher.HttpMethod
  readonly path: string
  readonly query: Query
  readonly body: string | null
  /** What comes is a stream that may be silent for long. */
  readonly isStream: boolean
}

/**
 * Asks the API of a Kubernetes cluster. Everything rejects with {@link KubernetesRefusal} when it says no, and with
 * another Error when it cannot be asked. Trusts nothing that it answers.
 *
 * Our own because `@kubernetes/client-node` (2.0) loads every type of Kubernetes, 1.3 s and 80 MB of memory, opens a
 * connection for each request, does not bound answers, and passes over `tokenFile` and the text of a Status.
 */
export class KubernetesApi {
  readonly #connections: Connections

  constructor(source: AccessSource, connectTimeoutMs: number) {
    this.#connections = new Connections(source, connectTimeoutMs)
  }

  /** @throws Error With a sentence for the operator when there is no access to ask with. */
  async open(): Promise<void> {
    await this.#connections.get(null)
  }

  /** What it was last asked with; null before. */
  get access(): Access | null {
    return this.#connections.access
  }

  /** @param path Each part escaped; begins with `/api/` or `/apis/`. */
  get(path: string, signal: AbortSignal | undefined, query: Query = {}): Promise<unknown> {
    return this.#ask({ method: 'GET', path, query, body: null, isStream: false }, signal)
  }

  create(path: string, object: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    return this.#ask(sent('POST', path, object), signal)
  }

  replace(path: string, object: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    return this.#ask(sent('PUT', path, object), signal)
  }

  async delete(path: string, signal: AbortSignal | undefined): Promise<void> {
    await this.#ask({ method: 'DELETE', path, query: {}, body: null, isStream: false }, signal)
  }

  /** All objects of a list, page after page. */
  async list(path: string, signal: AbortSignal | undefined, query: Query = {}): Promise<readonly unknown[]> {
    const items: unknown[] = []
    let from = ''
    for (let page = 0; page < MOST_PAGES; page++) {
      const place: Query = from === '' ? {} : { continue: from }
      const answer = await this.get(path, signal, { ...query, limit: String(PAGE), ...place })
      items.push(...itemsOf(fieldsOf(answer)['items']))
      from = textOf(fieldsAt(answer, 'metadata')['continue']) ?? ''
      if (from === '') return items
    }
    throw new Error(`the API of Kubernetes lists more than ${MOST_PAGES * PAGE} objects`)
  }

  /** The bytes of a stream, as they come. */
  async stream(path: string, signal: AbortSignal | undefined, query: Query): Promise<AsyncIterable<Buffer>> {
    const { body } = await this.#send({ method: 'GET', path, query, body: null, isStream: true }, signal)
    // Who is aborted while nobody reads has nobody to tell.
    return bytesIn(body.on('error', () => {}))
  }

  close(): Promise<void> {
    return this.#connections.close()
  }

  async #ask(asked: Sent, signal: AbortSignal | undefined): Promise<unknown> {
    const text = await readText(bytesIn((await this.#send(asked, signal)).body))
    try {
      return JSON.parse(text)
    } catch {
      throw new Error(`the API of Kubernetes answers ${asked.method} ${asked.path} with what is no JSON`)
    }
  }

  /** An answer that says yes. */
  async #send(asked: Sent, signal: AbortSignal | undefined): Promise<Dispatcher.ResponseData> {
    let refused: Connection | null = null
    for (let tries = 1; ; tries++) {
      const connection = await this.#connections.get(refused)
      const answer = await once(connection, asked, signal)
      const { statusCode, headers } = answer
      if (statusCode < 300) return answer
      const refusal: KubernetesRefusal = refusalOf(statusCode, await readText(bytesIn(answer.body)))
      const waitMs = statusCode === 429 ? Number(headers['retry-after'] ?? 'x') * 1000 : Number.NaN
      if (statusCode === 401 && refused === null) refused = connection
      else if (waitMs <= MOST_WAIT_MS && tries < MOST_TRIES) await pause(waitMs, undefined, { signal })
      else throw refusal
    }
  }
}

function sent(method: Dispatcher.HttpMethod, path: string, object: unknown): Sent {
  return { method, path, query: {}, body: JSON.stringify(object), isStream: false }
}

async function once(
  { access, agent }: Connection,
  { method, path, query, body, isStream }: Sent,
  signal: AbortSignal | undefined,
): Promise<Dispatcher.ResponseData> {
  try {
    return await request(access.server + path, {
      method,
      query,
      body,
      dispatcher: agent,
      signal,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: isStream ? 0 : TIMEOUT_MS,
      headers: {
        accept: isStream ? '*/*' : 'application/json',
        'user-agent': 'dispatch-edge',
        ...(body === null ? {} : { 'content-type': 'application/json' }),
        ...(access.token === null ? {} : { authorization: `Bearer ${access.token}` }),
      },
    })
  } catch (error) {
    throw unreachable(error)
  }
}

async function* bytesIn(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body
  } catch (error) {
    throw unreachable(error)
  }
}

function unreachable(error: unknown): Error {
  return new Error(`the API of Kubernetes cannot be reached: ${reasonOf(error)}`)
}
