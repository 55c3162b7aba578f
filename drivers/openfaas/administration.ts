import { type Agent, type Dispatcher, request } from 'undici'
import { readJson, readLines, readText } from '../support/bounded-body.ts'
import { platformWords } from '../support/platform-words.ts'
import { type ListedFunction, readFunction } from './listed-function.ts'

/** What an administrator of the platform proves himself with. */
export interface Administrator {
  readonly user: string
  readonly password: string
}

/** The platform says no, with this status. */
export class AdministrationRefused extends Error {
  readonly status: number
  /** What it says itself, on one line; may be empty. */
  readonly words: string

  constructor(method: string, path: string, status: number, words: string) {
    super(`${method} ${path} answers ${status}`)
    this.status = status
    this.words = words
  }
}

interface Asked {
  readonly method?: Dispatcher.HttpMethod
  readonly query?: Readonly<Record<string, string | null>>
  readonly body?: object
  readonly signal: AbortSignal | undefined
}

/** Speaks the administration API of OpenFaaS (`/system/*`). Trusts nothing that it answers. */
export class Administration {
  readonly #base: string
  readonly #agent: Agent
  /** Proves who asks; empty without a credential. */
  readonly headers: Readonly<Record<string, string>>

  constructor(base: string, administrator: Administrator | null, agent: Agent) {
    this.#base = base
    this.#agent = agent
    const { user, password } = administrator ?? { user: '', password: '' }
    const basic = Buffer.from(`${user}:${password}`).toString('base64')
    this.headers = administrator === null ? {} : { authorization: `Basic ${basic}` }
  }

  /** All functions of a namespace, or of the platform's own. */
  async functions(namespace: string | null, signal: AbortSignal | undefined): Promise<ListedFunction[]> {
    const answer = readJson(await this.#text('/system/functions', { query: { namespace }, signal }))
    if (!Array.isArray(answer)) throw new Error('GET /system/functions answers no list')
    return answer.flatMap((each) => readFunction(each) ?? [])
  }

  /** One function, or null when the platform does not know it. */
  async function(
    name: string,
    namespace: string | null,
    signal: AbortSignal | undefined,
  ): Promise<ListedFunction | null> {
    const path = `/system/function/${encodeURIComponent(name)}`
    try {
      return readFunction(readJson(await this.#text(path, { query: { namespace }, signal })))
    } catch (error) {
      if (error instanceof AdministrationRefused && error.status === 404) return null
      throw error
    }
  }

  /** Namespaces that may hold functions; empty where the platform has none to tell. */
  async namespaces(signal: AbortSignal): Promise<string[]> {
    const answer = readJson(await this.#text('/system/namespaces', { signal }))
    return Array.isArray(answer) ? answer.filter((each) => typeof each === 'string') : []
  }

  /** Asks for a change; resolves when the platform has accepted it. */
  async change(
    method: Dispatcher.HttpMethod,
    path: string,
    body: object,
    signal: AbortSignal,
  ): Promise<void> {
    await this.#text(path, { method, body, signal })
  }

  /** The lines of `/system/logs`, as they come. */
  async *logs(query: Readonly<Record<string, string | null>>, signal: AbortSignal): AsyncGenerator<string> {
    const { body } = await this.#send('/system/logs', { query, signal })
    yield* readLines(body)
  }

  async #text(path: string, asked: Asked): Promise<string> {
    const { body } = await this.#send(path, asked)
    return await readText(body)
  }

  /** @throws AdministrationRefused For any status but 2xx. */
  async #send(
    path: string,
    { method = 'GET', query = {}, body, signal }: Asked,
  ): Promise<Dispatcher.ResponseData> {
    const given = Object.entries(query).filter((each): each is [string, string] => each[1] !== null)
    const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`
    const answer = await request(`${this.#base}${path}${search}`, {
      dispatcher: this.#agent,
      method,
      headers: { ...this.headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
      signal,
    })
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer
    const words = platformWords(await readText(answer.body))
    throw new AdministrationRefused(method, path, answer.statusCode, words)
  }
}
