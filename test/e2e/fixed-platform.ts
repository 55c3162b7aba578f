import http from 'node:http'
import type net from 'node:net'
import { listen } from '../loopback.ts'
import type { Cleanup } from './gateway.ts'

/** A platform whose calls all take the same time. It can be slowed down and made to fail while it runs. */
export interface FixedPlatform {
  readonly url: string
  /** Milliseconds that a call takes. */
  serviceMs: number
  /** What it does to a request instead of serving it. */
  fault: 'none' | 'reset' | 'error'
  /** Ids of the requests that arrived, as often as they arrived. */
  readonly ids: string[]
  inFlight: number
  mostInFlight: number
  /** Milliseconds of all calls together, the running ones too. */
  busyMs(): number
  /** Ends like a process that is killed: every connection is reset, and nobody listens any more. */
  kill(): void
}

export async function startFixedPlatform(t: Cleanup, serviceMs: number): Promise<FixedPlatform> {
  let busy = 0
  let countedAt = performance.now()
  const count = (): void => {
    const now = performance.now()
    busy += platform.inFlight * (now - countedAt)
    countedAt = now
  }
  const server = http.createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
    platform.ids.push(String(request.headers['x-request-id']))
    if (platform.fault === 'reset') return void request.socket.destroy()
    if (platform.fault === 'error') return void response.writeHead(500).end()
    request.resume()
    count()
    platform.inFlight++
    platform.mostInFlight = Math.max(platform.mostInFlight, platform.inFlight)
    const timer = setTimeout(() => response.end('done'), platform.serviceMs)
    response.on('close', () => {
      clearTimeout(timer)
      count()
      platform.inFlight--
    })
  })
  const port = await listen(server)
  const sockets = new Set<net.Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const kill = (): void => {
    server.close()
    // Node loses a socket that is reset while it is being ended: its process never ends then.
    for (const socket of sockets) socket.writableEnded ? socket.destroy() : socket.resetAndDestroy()
  }
  const platform: FixedPlatform = {
    url: `http://127.0.0.1:${port}`,
    serviceMs,
    fault: 'none',
    ids: [],
    inFlight: 0,
    mostInFlight: 0,
    busyMs() {
      count()
      return busy
    },
    kill,
  }
  t.after(kill)
  return platform
}
