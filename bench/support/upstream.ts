import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveBench } from './child.ts'

/** The function behind every proxy: 91 bytes of JSON, at once. */
const BODY = JSON.stringify({ message: 'hello', padding: 'x'.repeat(57) })

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  request.resume()
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': BODY.length })
  response.end(BODY)
})
server.listen(0, '127.0.0.1', () => {
  serveBench(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
