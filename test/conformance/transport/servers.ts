import http from 'node:http'
import net from 'node:net'
import type { Cleanup } from '../../e2e/gateway.ts'
import { freePort } from '../../free-port.ts'
import { listen, shut } from '../../loopback.ts'

/** A server of sockets: what it does with each is the test's. */
export interface SocketServer {
  readonly origin: string
  /** Connections that were ever made. */
  connections: number
  readonly open: Set<net.Socket>
}

export async function serveSockets(
  t: Cleanup,
  serve: (socket: net.Socket, connection: number) => void,
): Promise<SocketServer> {
  const open = new Set<net.Socket>()
  const made = { origin: '', connections: 0, open }
  const server = net.createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    serve(socket, ++made.connections)
  })
  const port = await listen(server)
  t.after(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return Object.assign(made, { origin: `http://127.0.0.1:${port}` })
}

/** A server that answers the first bytes of every connection with these, then closes. Text is latin-1. */
export async function serveBytes(t: Cleanup, bytes: string): Promise<string> {
  const { origin } = await serveSockets(t, (socket) => {
    socket.once('data', () => socket.end(bytes, 'latin1'))
  })
  return origin
}

/** A server that answers requests as they arrive, one at a time on each connection, without bodies. */
export async function serveHeads(
  t: Cleanup,
  answer: (socket: net.Socket, turn: number, connection: number) => void,
): Promise<SocketServer> {
  return await serveSockets(t, (socket, connection) => {
    let turn = 0
    let text = ''
    socket.on('data', (piece) => {
      text += piece.toString('latin1')
      while (text.includes('\r\n\r\n')) {
        text = text.slice(text.indexOf('\r\n\r\n') + 4)
        answer(socket, ++turn, connection)
      }
    })
  })
}

export interface HttpServer {
  readonly origin: string
  readonly server: http.Server
}

export async function serveHttp(t: Cleanup, listener: http.RequestListener): Promise<HttpServer> {
  const server = http.createServer({ keepAliveTimeout: 30_000 }, listener)
  const port = await listen(server)
  t.after(() => shut(server))
  return { origin: `http://127.0.0.1:${port}`, server }
}

/** A kept connection is used again only after a while, so that what the server says too much is seen. */
export function rested(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5))
}

/** An address on which nobody listens. */
export async function unusedOrigin(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`
}

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
