import http from 'node:http'
import type { Cleanup } from '../../e2e/gateway.ts'
import { listen, shut } from '../../loopback.ts'

export interface Asked {
  readonly context: Record<string, unknown> & { readonly httpContext: Record<string, string> }
  readonly payload: unknown
}

/** A function container of Dispatch: takes POST on any path, and always answers 200, also for errors. */
export class RuntimeFunction {
  /** What it was asked, the newest last. */
  readonly asked: Asked[] = []
  readonly requests: http.IncomingMessage[] = []
  /** The last request as it was sent. */
  text = ''
  /** Its next replies: a value becomes `payload`, text goes out as it is. */
  reply: object | string = { payload: 'done' }
  readonly #server = http.createServer((request, response) => void this.#serve(request, response))

  /** The port that it listens on. */
  async listen(t: Cleanup): Promise<number> {
    const port = await listen(this.#server)
    t.after(() => shut(this.#server))
    return port
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    this.text = Buffer.concat(chunks).toString()
    this.requests.push(request)
    this.asked.push(JSON.parse(this.text) as Asked)
    const logs = { stdout: [], stderr: [] }
    const said =
      typeof this.reply === 'string'
        ? this.reply
        : JSON.stringify({ context: { error: null, logs }, ...this.reply })
    response.writeHead(200, { 'content-type': 'application/json' }).end(said)
  }
}
