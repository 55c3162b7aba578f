import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'
import { serveBench } from '../support/child.ts'

/**
 * The least that these libraries cost: node:http in, undici out, headers as they are, nothing checked. With `wasteMicroseconds`
 * it is the same with a slowdown of known size, which a guard has to find.
 */
const [upstream = '', text = '{}'] = process.argv.slice(2)
const { wasteMicroseconds = 0 } = JSON.parse(text) as { readonly wasteMicroseconds?: number }

const pool = new Pool(upstream, { connections: 128 })
const server = createServer((request, response) => {
  if (wasteMicroseconds > 0) waste(wasteMicroseconds)
  pool.dispatch(
    {
      method: request.method as 'GET',
      path: request.url ?? '/',
      headers: {
        host: request.headers.host ?? '',
        ...(request.headers['content-length'] !== undefined && {
          'content-length': request.headers['content-length'],
        }),
      },
      body: request.headers['content-length'] === undefined ? null : request,
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

function waste(microseconds: number): void {
  for (const until = performance.now() + microseconds / 1000; performance.now() < until; );
}
