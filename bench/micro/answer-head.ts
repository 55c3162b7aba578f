import { HeadReader } from '../../gateway/transport/wire/head-reader.ts'
import type { Micro } from './micro.ts'

const FIELDS = [
  'HTTP/1.1 200 OK',
  'Content-Type: application/json',
  'Content-Length: 91',
  'Date: Sun, 06 Nov 1994 08:49:37 GMT',
  'Connection: keep-alive',
  'Keep-Alive: timeout=60',
]

/** What does it cost to read the head of an answer in the wire transport, one that is not that of the answer before? */
export const micro: Micro = {
  name: 'head of an answer (wire)',
  prepare() {
    const text = `${FIELDS.join('\r\n')}\r\n\r\n`
    const heads = [Buffer.from(text), Buffer.from(text.replace('08:49:37', '08:49:38'))] as const
    const reader = new HeadReader()
    return (i) => {
      const bytes = heads[(i & 1) as 0 | 1]
      reader.reset()
      reader.read(bytes, 0, bytes.length)
      return reader.done ? reader.flat.length : Number.NaN
    }
  },
}
