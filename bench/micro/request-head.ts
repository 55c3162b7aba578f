import { head, readHead } from '../../gateway/lanes/express/request-head.ts'
import type { Micro } from './micro.ts'

const FIELDS = [
  'GET /route-500/orders?limit=10 HTTP/1.1',
  'Host: api.example.com',
  `Authorization: Bearer ${'e'.repeat(480)}`,
  'User-Agent: bench/1.0',
  'Accept: application/json',
  'Accept-Encoding: gzip',
  'Connection: keep-alive',
]

/** What does it cost to read the head of a request on the express lane? */
export const micro: Micro = {
  name: 'head of a request (express)',
  prepare() {
    const bytes = Buffer.from(`${FIELDS.join('\r\n')}\r\n\r\n`)
    return () => (readHead(bytes, 0) === 'read' ? head.rawHeaders.length : Number.NaN)
  },
}
