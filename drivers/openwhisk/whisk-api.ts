import { type Agent, request } from 'undici'
import { isRecord } from '../../gateway/contract/exact-json.ts'
import { PlatformRefusal } from '../../gateway/contract/lifecycle.ts'
import { readJson, readText } from '../support/bounded-body.ts'

/** An activation has up to 10 MB of logs. */
const MOST_BYTES = 16 * 1024 * 1024

export interface ApiAnswer {
  readonly status: number
  /** Null where it is no JSON. */
  readonly body: unknown
}

/** Asks the API about a namespace what the control plane wants of it. */
export class WhiskApi {
  readonly #base: string
  readonly #authorization: string
  readonly #agent: Agent

  /**
   * @param base URL of the namespace in the API.
   * @param authorization `Basic …`.
   */
  constructor(base: string, authorization: string, agent: Agent) {
    this.#base = base
    this.#authorization = authorization
    this.#agent = agent
  }

  /** @throws Error When there is no answer. */
  async ask(
    method: 'GET' | 'PUT' | 'DELETE',
    path: string,
    signal: AbortSignal,
    body?: object,
  ): Promise<ApiAnswer> {
    const answer = await request(this.#base + path, {
      method,
      dispatcher: this.#agent,
      headers: { authorization: this.#authorization, ...(body && { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    })
    return { status: answer.statusCode, body: readJson(await readText(answer.body, MOST_BYTES)) }
  }
}

/**
 * What the platform says no with, as the person hears it who asked.
 *
 * @param what What was asked, as a subject.
 */
export function refusalOf(what: string, { status, body }: ApiAnswer): PlatformRefusal {
  const said = isRecord(body) ? body['error'] : null
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a line must not have
  const text = typeof said === 'string' ? `: ${said.replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')}` : ''
  return new PlatformRefusal(kindOf(status), `OpenWhisk answers ${status} to ${what}${text}`.slice(0, 500))
}

function kindOf(status: number): PlatformRefusal['kind'] {
  if (status === 404) return 'not-found'
  if (status === 401 || status === 403) return 'denied'
  return status === 400 || status === 413 ? 'invalid' : 'failed'
}
