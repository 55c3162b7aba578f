import { randomBytes } from 'node:crypto'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { listen, shut } from '../loopback.ts'
import { bodyOf } from './body-of.ts'
import { Entities, page } from './openwhisk-entities.ts'
import { answerWeb, webParameters } from './openwhisk-web.ts'
import { MISSING, refuse, say } from './openwhisk-words.ts'

export type Parameters = Record<string, unknown>

/** An action: gives its result, or throws as one that crashes. */
export type Action = (parameters: Parameters) => Promise<unknown>

export interface ActionOptions {
  /** Calls at once that the namespace allows. */
  readonly limit?: number
  /** Milliseconds that a blocking call waits; 60 s in the real one. */
  readonly waitMs?: number
}

interface Deployed extends ActionOptions {
  readonly action: Action
  running: number
}

export type Activation = Awaited<ReturnType<typeof activate>>

const KEY = `Basic ${Buffer.from('uuid:secret').toString('base64')}`
const MOST_BYTES = 1024 * 1024

/** The controller of OpenWhisk as its sources have it (apache/openwhisk 1fae641), with actions in this process. */
export class OpenWhiskPlatform {
  readonly entities = new Entities()
  /** What was asked, in order: method and path. */
  readonly asked: string[] = []
  /** Parameters of the last call. */
  parameters: Parameters = {}
  /** The same as it was sent. */
  text = ''
  /** Looks at an activation that find nothing, before its record is stored. */
  missingLooks = 0
  /** Of all activations that are over. */
  readonly records = new Map<string, Activation>()
  readonly #actions = new Map<string, Deployed>()
  readonly #server = http.createServer((request, response) => void this.#serve(request, response))

  async listen(): Promise<string> {
    return `http://127.0.0.1:${await listen(this.#server)}`
  }

  deploy(name: string, action: Action, options: ActionOptions = {}): void {
    this.#actions.set(name, { ...options, action, running: 0 })
    this.entities.add(name)
  }

  close(): void {
    shut(this.#server)
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => {})
    const url = new URL(request.url!, 'http://x')
    const method = request.method!
    this.asked.push(`${method} ${url.pathname}`)
    const body = await bodyOf(request)
    if (body === null) return
    const web = /^\/api\/v1\/web\/guest\/default\/([^/]+)\.http(\/.*)?$/.exec(url.pathname)
    if (web !== null) {
      const parameters = webParameters(method, url, web[2] ?? '', request.rawHeaders, body)
      await this.#invokeWeb(decodeURIComponent(web[1]!), parameters, body, response)
    } else if (request.headers.authorization !== KEY) {
      refuse(response, 401, 'The supplied authentication is invalid')
    } else {
      await this.#serveApi(method, url, body, response)
    }
  }

  async #serveApi(method: string, url: URL, body: Buffer, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = url
    const [, kind, rest = ''] =
      /^\/api\/v1\/namespaces\/(?:_|guest)\/(actions|activations|packages)(?:\/(.+))?$/.exec(pathname) ?? []
    const name = decodeURIComponent(rest)
    if (kind === 'activations' && rest === '') this.#listActivations(searchParams, response)
    else if (kind === 'activations') this.#look(response, name)
    else if (kind === 'packages') this.entities.putPackage(name, searchParams, response)
    else if (kind === 'actions' && rest === '') this.entities.list(searchParams, response)
    else if (method !== 'POST') this.entities.serve(method, name, searchParams, body.toString(), response)
    else await this.#invoke(name, body, searchParams, response)
  }

  async #invoke(name: string, body: Buffer, query: URLSearchParams, response: ServerResponse): Promise<void> {
    const deployed = this.#actions.get(name)
    if (deployed === undefined) return refuse(response, 404, MISSING)
    if (body.length > MOST_BYTES) return refuse(response, 413, 'Request larger than allowed')
    this.text = body.toString()
    this.parameters = JSON.parse(this.text) as Parameters
    const wait = Math.min(Number(query.get('timeout')), deployed.waitMs ?? 60_000)
    const late = (id: string) => say(response, 202, { activationId: id })
    const record = await this.#run(name, deployed, wait, late, response)
    if (record !== null && !response.headersSent) say(response, record.statusCode === 0 ? 200 : 502, record)
  }

  async #invokeWeb(
    name: string,
    parameters: Parameters,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    const deployed = this.#actions.get(name)
    if (deployed === undefined) return refuse(response, 404, MISSING)
    if (body.length > MOST_BYTES) return refuse(response, 413, 'Request larger than allowed')
    this.parameters = parameters
    const late = () => refuse(response, 202, 'Response not yet ready.')
    const record = await this.#run(name, deployed, deployed.waitMs ?? 60_000, late, response)
    if (record !== null && !response.headersSent) answerWeb(record, response)
  }

  /** Null when the namespace has as many calls as it may. */
  async #run(
    name: string,
    deployed: Deployed,
    wait: number,
    late: (id: string) => void,
    response: ServerResponse,
  ): Promise<Activation | null> {
    if (deployed.running >= (deployed.limit ?? 100)) {
      refuse(response, 429, 'Too many concurrent requests in flight (count: 2, allowed: 1).')
      return null
    }
    const id = randomBytes(16).toString('hex')
    response.setHeader('X-Openwhisk-Activation-Id', id)
    deployed.running++
    const timer = setTimeout(() => late(id), wait)
    const record = await activate(id, name, deployed.action, this.parameters)
    clearTimeout(timer)
    deployed.running--
    this.records.set(id, record)
    return record
  }

  /** Records are written a while after the action has ended. */
  #look(response: ServerResponse, rest: string): void {
    const [id = '', part] = rest.split('/')
    const record = this.records.get(id)
    if (record === undefined || this.missingLooks-- > 0) refuse(response, 404, MISSING)
    else say(response, 200, part === 'logs' ? { logs: record.logs } : record)
  }

  /** The latest first. */
  #listActivations(query: URLSearchParams, response: ServerResponse): void {
    const since = Number(query.get('since') ?? 0)
    const name = query.get('name')
    const found = [...this.records.values()].filter((each) => each.name === name && each.start >= since)
    say(
      response,
      200,
      page(
        found.sort((a, b) => b.start - a.start),
        query,
      ),
    )
  }
}

async function activate(activationId: string, name: string, action: Action, parameters: Parameters) {
  const start = Date.now()
  let result: unknown
  let status = 'success'
  try {
    result = (await action(parameters)) ?? {}
    if (typeof result === 'object' && result !== null && 'error' in result) status = 'application error'
  } catch (error) {
    status = 'action developer error'
    result = { error: `An error has occurred: ${String(error)}` }
  }
  const statusCode = ['success', 'application error', 'action developer error'].indexOf(status)
  return {
    activationId,
    namespace: 'guest',
    name,
    version: '0.0.1',
    start,
    duration: 3,
    statusCode,
    response: { status, statusCode, success: status === 'success', result },
    logs: [] as string[],
    annotations: [{ key: 'kind', value: 'nodejs:20' }],
    publish: false,
  }
}
