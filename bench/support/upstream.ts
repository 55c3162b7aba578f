import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveBench } from './child.ts'

/** The function behind every proxy: 91 bytes of JSON, at once; below `/stream` 64 pieces of 1 KiB, one in each turn. */
const BODY = JSON.stringify({ message: 'hello', padding: 'x'.repeat(57) })
const PIECE = Buffer.alloc(1024, 'x')
const PIECES = 64

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const hasBody = request.headers['content-length'] !== undefined || 'transfer-encoding' in request.headers
  if (!hasBody) answer(request.url!, response)
  else request.once('end', () => answer(request.url!, response)).resume()
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  serveBench(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

function answer(path: string, response: ServerResponse): void {
  if (path.endsWith('/stream')) {
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    stream(response, PIECES)
  } else {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': BODY.length })
    response.end(BODY)
  }
}

function stream(response: ServerResponse, left: number): void {
  if (left === 0) response.end()
  else if (response.write(PIECE)) setImmediate(stream, response, left - 1)
  else response.once('drain', () => stream(response, left - 1))
}
