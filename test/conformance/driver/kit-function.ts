import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'

/**
 * The function that the kit calls, as a Node handler. What each path does is a part of the kit: a platform that cannot
 * run this handler runs one that does the same (functions/kit.js is that for workerd).
 *
 * `/echo/…`       what it was asked, as JSON
 * `/digest`       length and SHA-256 of the body
 * `/status/N`     that status; `/cookies` several headers of one name; `/bytes/N` so many bytes of a pattern
 * `/pipe`         the body, piece by piece as it comes
 * `/flood/N`      N bytes as fast as they are taken
 * `/hang`, `/drip`, `/deaf`, `/upload`  never end by themselves: no head; pieces; body not read; body read
 * `/early`        413 before the body is read
 * `/crash`        fails the way the platform fails
 * `/socket/…`     a WebSocket that says what it was asked and sends everything back; chooses `kit.2`
 * `/events`       what calls with the same `id` went through: `started`, `left`, `complete`, `sent N`
 * `/fault/…`      breaks the connection in a way of its own
 */
export class KitFunction {
  readonly #events = new Map<string, string[]>()

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://kit')
    const [, verb = '', argument = ''] = url.pathname.split('/')
    const act = ACTS[verb]
    // Whoever leaves resets the connection.
    request.on('error', () => {})
    response.on('error', () => {})
    if (act === undefined) respond(response, 404, 'no such act')
    else act({ request, response, argument, url, events: this.#eventsOf(url.searchParams.get('id') ?? '') })
  }

  #eventsOf(id: string): string[] {
    const events = this.#events.get(id) ?? []
    this.#events.set(id, events)
    return events
  }
}

/** A server of the function, that listens nowhere yet. */
export function createKitServer(): Server {
  // What is said to others than `/socket` is an ordinary call.
  const server = createServer(
    { shouldUpgradeCallback: ({ url }: IncomingMessage) => url!.includes('/socket') } as object,
    new KitFunction().handle,
  )
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('kit.2') ? 'kit.2' : false),
  })
  server.on('upgrade', (request, connection, head) => {
    sockets.handleUpgrade(request, connection, head, (socket) => echo(socket, request))
  })
  return server
}

function echo(socket: WebSocket, { url, rawHeaders }: IncomingMessage): void {
  const headers: [string, string][] = []
  for (let i = 0; i < rawHeaders.length; i += 2) headers.push([rawHeaders[i]!, rawHeaders[i + 1]!])
  socket.send(JSON.stringify({ target: url, headers }))
  socket.on('message', (data, binary) => socket.send(data, { binary }))
  socket.on('error', () => {})
}

interface Scene {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly argument: string
  readonly url: URL
  readonly events: string[]
}

/** Byte `i` of the pattern; no two pages are alike. */
export function pattern(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8)) & 0xff
  return bytes
}

export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

const FLOOD_PIECE = Buffer.alloc(65_536, 'f')

const ACTS: Readonly<Record<string, (scene: Scene) => void>> = {
  echo: ({ request, response }) => {
    const headers: [string, string][] = []
    for (let i = 0; i < request.rawHeaders.length; i += 2) {
      headers.push([request.rawHeaders[i]!.toLowerCase(), request.rawHeaders[i + 1]!])
    }
    request.resume()
    const said = JSON.stringify({ method: request.method, target: request.url, headers })
    response.writeHead(200, { 'content-type': 'application/json', 'x-kit': 'caf\xe9' })
    response.end(request.method === 'HEAD' ? undefined : said)
  },
  digest: async ({ request, response }) => {
    const hash = createHash('sha256')
    let length = 0
    try {
      for await (const chunk of request) {
        hash.update(chunk as Buffer)
        length += (chunk as Buffer).length
      }
      respond(response, 200, JSON.stringify({ length, sha256: hash.digest('hex') }), 'application/json')
    } catch {
      // The caller left.
    }
  },
  status: ({ response, argument }) => {
    const status = Number(argument)
    if (status === 204 || status === 304) response.writeHead(status, { etag: '"kit"' }).end()
    else respond(response, status, `status ${status}`, 'text/x-kit')
  },
  cookies: ({ response }) => {
    response.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2; Path=/', 'set-cookie', 'c=3'])
    response.end('cookies')
  },
  bytes: ({ response, argument }) => {
    const bytes = pattern(Number(argument))
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length })
    response.end(bytes)
  },
  pipe: ({ request, response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    request.pipe(response)
  },
  flood: ({ response, argument, events }) => {
    const total = Number(argument)
    let sent = 0
    const write = () => {
      while (sent < total) {
        sent += FLOOD_PIECE.length
        events[0] = `sent ${sent}`
        if (!response.write(FLOOD_PIECE)) return
      }
      response.end()
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    response.on('drain', write)
    write()
  },
  hang: ({ request, response, events }) => {
    events.push('started')
    request.resume()
    response.on('close', () => events.push('left'))
  },
  drip: ({ response, events }) => {
    events.push('started')
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('drop')
    response.on('close', () => events.push('left'))
  },
  deaf: ({ events }) => {
    events.push('started')
  },
  upload: ({ request, response, events }) => {
    events.push('started')
    request.on('data', () => {})
    request.on('end', () => events.push('complete'))
    request.on('close', () => events.push('left'))
    response.on('close', () => events.push('left'))
  },
  // The rest of the body is read and thrown away by Node once the answer is sent.
  early: ({ response }) => respond(response, 413, 'early', 'text/x-kit'),
  crash: ({ request }) => {
    request.socket.destroy()
  },
  events: ({ response, events }) => respond(response, 200, JSON.stringify(events), 'application/json'),
  fault: (scene) => FAULTS[scene.argument]!(scene),
}

const FAULTS: Readonly<Record<string, (scene: Scene) => void>> = {
  reset: ({ request }) => {
    request.socket.resetAndDestroy()
  },
  'cut-length': ({ response }) => {
    response.writeHead(200, { 'content-length': 100 })
    response.write('partial', () => response.destroy())
  },
  'cut-chunked': ({ response }) => {
    response.writeHead(200, { 'transfer-encoding': 'chunked' })
    response.write('partial', () => response.destroy())
  },
  malformed: ({ request }) => {
    request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello')
  },
  'idle-answer': ({ request, response, events }) => {
    response.on('finish', () => {
      request.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nPOISON', () =>
        events.push('poisoned'),
      )
    })
    respond(response, 200, 'clean')
  },
}

function respond(response: ServerResponse, status: number, body: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
}
