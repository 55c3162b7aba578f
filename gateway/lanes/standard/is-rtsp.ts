import type { IncomingMessage } from 'node:http'

interface Parser {
  /** A copy of what is being parsed. Node calls it for `rawPacket` of its own errors; it is not documented. */
  getCurrentBuffer?(): Buffer | undefined
}

/**
 * True for a request that says `RTSP/1.0`, which the parser reads as HTTP/1.0 without telling. Only the bytes do, and
 * only while they are parsed: to be asked in the handler of the request. Copying them costs 3 µs, so ask for no other
 * version. A line that arrived in pieces is not recognized; it is then the HTTP/1.0 request that it looks like.
 */
export function isRtsp({ method, socket }: IncomingMessage, target: string): boolean {
  const { parser } = socket as { parser?: Parser | null }
  return parser?.getCurrentBuffer?.()?.includes(`${method} ${target} RTSP/1.0\r\n`, 0, 'latin1') === true
}
