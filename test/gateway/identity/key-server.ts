import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JwksConfig } from '../../../gateway/config/schema.ts'

/** A server that publishes keys, or whatever else it is told to answer. */
export class KeyServer {
  /** Requests so far. */
  fetches = 0
  answer: RequestListener
  readonly #server: Server

  constructor() {
    this.answer = (_request, response) => response.writeHead(404).end()
    this.#server = createServer((request, response) => {
      this.fetches++
      response.on('error', () => {})
      this.answer(request, response)
    })
  }

  static async open(...keys: object[]): Promise<KeyServer> {
    const server = new KeyServer()
    server.publish(...keys)
    await new Promise<void>((listening) => server.#server.listen(0, '127.0.0.1', listening))
    return server
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/jwks`
  }

  publish(...keys: object[]): void {
    this.answerWith(JSON.stringify({ keys }))
  }

  answerWith(body: string | Buffer, headers: Record<string, string> = {}, status = 200): void {
    this.answer = (_request, response) => response.writeHead(status, headers).end(body)
  }

  /** Accepts and says nothing, until told otherwise. Resolves when a request has come, with the way to answer it. */
  hold(): Promise<(...keys: object[]) => void> {
    return new Promise((arrived) => {
      this.answer = (_request, response) => arrived((...keys) => response.end(JSON.stringify({ keys })))
    })
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }
}

export function jwksConfig(url: string, settings: Partial<JwksConfig> = {}): JwksConfig {
  return {
    url,
    refresh: 600_000,
    cooldown: 30_000,
    staleLimit: 86_400_000,
    timeout: 3000,
    maxSize: 256 * 1024,
    ca: null,
    ...settings,
  }
}
