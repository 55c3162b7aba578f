import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { MemorySocket, turns } from './memory-socket.ts'

/** A request as somebody read it. */
export interface ReadRequest {
  readonly method: string
  readonly target: string
  readonly rawHeaders: readonly string[]
  body: string
  complete: boolean
}

export interface NodeReading {
  readonly requests: readonly ReadRequest[]
  /** Code of the error that ended the reading, or null. */
  readonly error: string | null
}

/** What Node's own server, as strict as it comes, reads in bytes that a client sends. */
export async function readByNode(bytes: Buffer, maxHeaderSize: number): Promise<NodeReading> {
  const requests: ReadRequest[] = []
  let error: string | null = null
  const server = http.createServer({ insecureHTTPParser: false, requireHostHeader: false, maxHeaderSize })
  server.maxHeadersCount = 0
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    const read: ReadRequest = {
      method: request.method ?? '',
      target: request.url ?? '',
      rawHeaders: request.rawHeaders,
      body: '',
      complete: false,
    }
    requests.push(read)
    request.on('error', () => {})
    request.on('data', (piece: Buffer) => {
      read.body += piece.toString('latin1')
    })
    request.on('end', () => {
      read.complete = true
      response.end()
    })
  }
  for (const event of ['request', 'checkContinue', 'checkExpectation']) server.on(event, take)
  server.on('clientError', (fault: NodeJS.ErrnoException) => {
    error ??= fault.code ?? fault.message
  })
  server.on('connect', () => {
    error ??= 'CONNECT'
  })
  const socket = new MemorySocket()
  socket.on('error', () => {})
  server.emit('connection', socket.asSocket)
  socket.push(bytes)
  await turns(4)
  socket.destroy()
  return { requests, error }
}
