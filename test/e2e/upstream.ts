import http from 'node:http'
import net from 'node:net'
import { listen, shut } from '../loopback.ts'
import type { Cleanup } from './gateway.ts'

/** What a backend saw of a request that arrived whole. */
export interface SeenRequest {
  readonly method: string
  readonly target: string
  readonly rawHeaders: readonly string[]
  readonly headers: http.IncomingHttpHeaders
  readonly body: Buffer
}

export interface Upstream {
  readonly url: string
  /** Requests that arrived whole, in order. */
  readonly seen: SeenRequest[]
  /** Heads that arrived, whole or not. */
  heads: number
  /** Requests of which only a part arrived. */
  aborted: number
  readonly server: http.Server
}

export type Answer = (request: SeenRequest, response: http.ServerResponse) => void

const HELLO: Answer = (_request, response) => {
  response.end('hello')
}

/** A backend that records what it gets and answers with 200 unless told otherwise. */
export async function startUpstream(t: Cleanup, answer: Answer = HELLO): Promise<Upstream> {
  const seen: SeenRequest[] = []
  const server = http.createServer({ keepAliveTimeout: 30_000, maxHeaderSize: 131_072 })
  const upstream: Upstream = { url: '', seen, heads: 0, aborted: 0, server }
  server.on('request', (request, response) => {
    upstream.heads++
    const chunks: Buffer[] = []
    request.on('error', () => {})
    request.on('close', () => {
      if (!request.complete) upstream.aborted++
    })
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const whole: SeenRequest = {
        method: request.method ?? '',
        target: request.url ?? '',
        rawHeaders: request.rawHeaders,
        headers: request.headers,
        body: Buffer.concat(chunks),
      }
      seen.push(whole)
      answer(whole, response)
    })
  })
  const port = await listen(server)
  t.after(() => shut(server))
  return Object.assign(upstream, { url: `http://127.0.0.1:${port}` })
}

/** A backend that is a socket: the test writes its bytes. */
export async function startRawUpstream(
  t: Cleanup,
  serve: (socket: net.Socket, connection: number) => void,
): Promise<{ readonly url: string; readonly port: number; connections: number }> {
  const raw = { url: '', port: 0, connections: 0 }
  const open = new Set<net.Socket>()
  const server = net.createServer((socket) => {
    raw.connections++
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    serve(socket, raw.connections)
  })
  const port = await listen(server)
  t.after(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return Object.assign(raw, { port, url: `http://127.0.0.1:${port}` })
}
