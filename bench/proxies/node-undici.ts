import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'
import { serveBench } from '../support/child.ts'

/** The least that these libraries cost: node:http in, undici out, headers as they are, nothing checked. */
const [upstream = ''] = process.argv.slice(2)
const pool = new Pool(upstream, { connections: 128 })
const server = createServer((request, response) => {
  pool.dispatch(
    {
      method: request.method as 'GET',
      path: request.url ?? '/',
      headers: { host: request.headers.host ?? '' },
    },
    {
      onRequestStart() {},
      onResponseStart(_controller, status, headers) {
        response.writeHead(status, {
          'content-type': String(headers['content-type']),
          'content-length': String(headers['content-length']),
        })
      },
      onResponseData(_controller, chunk) {
        response.write(chunk)
      },
      onResponseEnd() {
        response.end()
      },
      onResponseError() {
        response.destroy()
      },
    },
  )
})
server.listen(0, '127.0.0.1', () => {
  serveBench(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
