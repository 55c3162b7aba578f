import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

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

const KEY = `Basic ${Buffer.from('uuid:secret').toString('base64')}`
const MOST_BYTES = 1024 * 1024

/** The controller of OpenWhisk as its sources have it (apache/openwhisk 1fae641), with actions in this process. */
export class OpenWhiskPlatform {
  /** What was asked, in order: method and path. */
  readonly asked: string[] = []
  /** Parameters of the last call. */
  parameters: Parameters = {}
  /** The same as it was sent. */
  text = ''
  /** Looks at an activation that find nothing, before its record is stored. */
  missingLooks = 0
  readonly #actions = new Map<string, Deployed>()
  readonly #records = new Map<string, object>()
  readonly #server = http.createServer((request, response) => void this.#serve(request, response))

  async listen(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  deploy(name: string, action: Action, options: ActionOptions = {}): void {
    this.#actions.set(name, { ...options, action, running: 0 })
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => {})
    response.on('error', () => {})
    const url = new URL(request.url!, 'http://x')
    this.asked.push(`${request.method} ${url.pathname}`)
    if (request.headers.authorization !== KEY)
      return refuse(response, 401, 'The supplied authentication is invalid')
    const [, kind, rest = ''] =
      /^\/api\/v1\/namespaces\/_\/(actions|activations)(?:\/(.+))?$/.exec(url.pathname) ?? []
    if (kind === 'activations') return this.#look(response, rest)
    if (kind === 'actions' && rest === '') return say(response, 200, [])
    const deployed = kind === undefined ? undefined : this.#actions.get(decodeURIComponent(rest))
    if (deployed === undefined) return refuse(response, 404, 'The requested resource does not exist.')
    if (request.method === 'GET') return say(response, 200, { name: rest, exec: { kind: 'nodejs:20' } })
    await this.#invoke(request, response, deployed, url.searchParams)
  }

  async #invoke(
    request: IncomingMessage,
    response: ServerResponse,
    deployed: Deployed,
    query: URLSearchParams,
  ): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    if (body.length > MOST_BYTES) return refuse(response, 413, 'Request larger than allowed')
    this.text = body.toString()
    this.parameters = JSON.parse(this.text) as Parameters
    if (deployed.running >= (deployed.limit ?? 100)) {
      return refuse(response, 429, 'Too many concurrent requests in flight (count: 2, allowed: 1).')
    }
    const id = randomBytes(16).toString('hex')
    response.setHeader('X-Openwhisk-Activation-Id', id)
    deployed.running++
    const wait = Math.min(Number(query.get('timeout')), deployed.waitMs ?? 60_000)
    const timer = setTimeout(() => say(response, 202, { activationId: id }), wait)
    const record = await activate(id, deployed.action, this.parameters)
    clearTimeout(timer)
    deployed.running--
    this.#records.set(id, record)
    if (!response.headersSent) say(response, statusOf(record), record)
  }

  /** Records are written a while after the action has ended. */
  #look(response: ServerResponse, id: string): void {
    const record = this.#records.get(id)
    if (record === undefined || this.missingLooks-- > 0) {
      refuse(response, 404, 'The requested resource does not exist.')
    } else say(response, 200, record)
  }
}

type Activation = Awaited<ReturnType<typeof activate>>

async function activate(activationId: string, action: Action, parameters: Parameters) {
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
    name: 'kit',
    version: '0.0.1',
    duration: 3,
    statusCode,
    response: { status, statusCode, success: status === 'success', result },
    logs: [],
    annotations: [{ key: 'kind', value: 'nodejs:20' }],
    publish: false,
  }
}

const statusOf = ({ statusCode }: Activation) => (statusCode === 0 ? 200 : 502)

function refuse(response: ServerResponse, status: number, error: string): void {
  say(response, status, { error, code: 'tid' })
}

function say(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value)
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  })
  response.end(text)
}
