import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net'
import { serveBench } from './child.ts'

/**
 * The function behind every proxy: 91 bytes of JSON, at once; below `/stream` 64 pieces of 1 KiB, one in each turn.
 *
 * A GET that arrives as a whole is answered without a look at more than its ends, the rest by node:http. It shares its
 * cores with the programs under test, and what it costs is paid by them too: with node:http for all, a call of the express
 * lane took 27.2 µs instead of 24.2, since it was taken from its core again and again (`lanes-and-transports`, two cores).
 */
const BODY = JSON.stringify({ message: 'hello', padding: 'x'.repeat(59) })
const PIECE = Buffer.alloc(1024, 'x')
const PIECES = 64
const KEEP_ALIVE_MS = 60_000

const ANSWER = [
  'HTTP/1.1 200 OK',
  'content-type: application/json',
  `content-length: ${BODY.length}`,
  `Date: ${new Date().toUTCString()}`,
  'Connection: keep-alive',
  `Keep-Alive: timeout=${KEEP_ALIVE_MS / 1000}`,
  '',
  BODY,
].join('\r\n')

const END_OF_HEAD = Buffer.from('\r\n\r\n')
const STREAM = Buffer.from('/stream HTTP/1.1\r\n')

const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
  const hasBody = request.headers['content-length'] !== undefined || 'transfer-encoding' in request.headers
  if (!hasBody) answer(request.url!, response)
  else request.once('end', () => answer(request.url!, response)).resume()
})

const front = createNetServer({ noDelay: true }, (socket) => {
  socket.on('data', answerPlain).on('error', () => socket.destroy())
})
front.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
  serveBench(`http://127.0.0.1:${(front.address() as AddressInfo).port}`)
})

/** Whatever is not one whole GET leaves its connection to node:http. */
function answerPlain(this: Socket, bytes: Buffer): void {
  const isGet = bytes[0] === 0x47 && bytes.indexOf(END_OF_HEAD) === bytes.length - END_OF_HEAD.length
  if (isGet && !bytes.includes(STREAM)) {
    this.write(ANSWER, 'latin1')
    return
  }
  this.off('data', answerPlain)
  this.pause()
  this.unshift(bytes)
  server.emit('connection', this)
  this.resume()
}

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
