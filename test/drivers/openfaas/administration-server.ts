import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Listed {
  readonly name: string
  readonly namespace?: string
  readonly availableReplicas?: number
  readonly envVars?: Readonly<Record<string, string>>
}

export interface AdministrationOptions {
  readonly administrator?: { readonly user: string; readonly password: string }
  /** As gateway 0.25.4 without a Prometheus: the connection is cut without an answer. */
  readonly listCrashes?: boolean
  /** Answers instead of the list. */
  readonly list?: string
}

/** The administration of OpenFaaS as its OpenAPI and the recorded gateway have it. */
export class AdministrationServer {
  readonly asked: string[] = []
  functions: Listed[] = []
  readonly #options: AdministrationOptions
  readonly #server = http.createServer((request, response) => this.#serve(request, response))

  constructor(options: AdministrationOptions = {}) {
    this.#options = options
  }

  async listen(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    this.asked.push(request.url!)
    const url = new URL(request.url!, 'http://x')
    if (url.pathname === '/healthz') return void response.end()
    const { administrator, listCrashes, list } = this.#options
    if (administrator !== undefined && request.headers.authorization !== basic(administrator)) {
      response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="Restricted"' }).end('invalid credentials')
      return
    }
    const namespace = url.searchParams.get('namespace') ?? 'openfaas-fn'
    const here = this.functions.filter((each) => (each.namespace ?? 'openfaas-fn') === namespace)
    if (url.pathname === '/system/functions') {
      if (listCrashes === true) return void request.socket.destroy()
      answer(response, list ?? JSON.stringify(here))
      return
    }
    const name = /^\/system\/function\/([^/]+)$/.exec(url.pathname)?.[1]
    const found = here.find((each) => each.name === name)
    if (found === undefined) response.writeHead(404).end()
    else answer(response, JSON.stringify(found))
  }
}

function answer(response: ServerResponse, text: string): void {
  response.setHeader('Content-Type', 'application/json')
  response.end(text)
}

function basic({ user, password }: { user: string; password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}
