import http from 'node:http'
import type { Cleanup } from '../e2e/gateway.ts'
import { listen, shut } from '../loopback.ts'

/** What a server was asked, header names in lower case. */
export interface Recorded {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
}

/** A server that answers 200 to everything and remembers what it was asked. */
export class RecordingServer {
  readonly requests: Recorded[] = []
  readonly #server = http.createServer((request, response) => {
    const headers: [string, string][] = []
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      headers.push([request.rawHeaders[i]!.toLowerCase(), request.rawHeaders[i + 1]!])
    }
    this.requests.push({ method: request.method!, target: request.url!, headers })
    request.resume()
    response.end('recorded')
  })

  listen(): Promise<number> {
    return listen(this.#server)
  }

  /** Values of a header of the last request. */
  sent(name: string): string[] {
    return this.requests
      .at(-1)!
      .headers.filter(([n]) => n === name)
      .map(([, value]) => value)
  }

  close(): void {
    shut(this.#server)
  }
}

/** One that listens until the test is over, and where. */
export async function recording(t: Cleanup) {
  const server = new RecordingServer()
  t.after(() => server.close())
  const port = await server.listen()
  const host = `127.0.0.1:${port}`
  return { server, host, url: `http://${host}/`, ingress: { host: '127.0.0.1', port } }
}
