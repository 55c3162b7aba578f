import http from 'node:http'
import { Duplex } from 'node:stream'

/** What Node's own client made of the bytes of a server. */
export interface NodeAnswer {
  readonly status: number
  /** Lower-case names and values in order. */
  readonly flat: readonly string[]
  readonly body: string
}

/** Says its pieces when it has heard the request, then ends. */
class Server extends Duplex {
  readonly #pieces: readonly Buffer[]

  constructor(pieces: readonly Buffer[]) {
    super()
    this.#pieces = pieces
  }

  override _read(): void {}

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    done()
    if (this.readableEnded || this.destroyed) return
    for (const piece of this.#pieces) this.push(piece)
    this.push(null)
  }

  setTimeout(): void {}
  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}
}

/** The answer as Node's strict parser reads it; null when it takes none for whole. */
export function askNode(method: string, pieces: readonly Buffer[]): Promise<NodeAnswer | null> {
  return new Promise((resolve) => {
    const request = http.request({
      method,
      insecureHTTPParser: false,
      maxHeaderSize: 1 << 20,
      createConnection: () => new Server(pieces),
    })
    request.on('error', () => {})
    let answer: NodeAnswer | null = null
    request.on('response', (response) => {
      let body = ''
      response.on('error', () => {})
      response.on('data', (piece: Buffer) => {
        body += piece.toString('latin1')
      })
      response.on('end', () => {
        if (!response.complete) return
        const flat = response.rawHeaders.map((text, i) => (i % 2 === 0 ? text.toLowerCase() : text))
        answer = { status: response.statusCode ?? 0, flat, body }
      })
      response.on('close', () => resolve(answer))
    })
    request.on('upgrade', (_response, socket) => socket.destroy())
    request.on('close', () => setImmediate(() => resolve(answer)))
    request.end()
  })
}
