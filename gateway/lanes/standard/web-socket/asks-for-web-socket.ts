import type { IncomingMessage } from 'node:http'
import { connectionState } from '../connection-state.ts'

/**
 * True for a request that can become a WebSocket: GET in HTTP/1.1 without a body (RFC 6455, 4.1), with nothing before
 * it on its connection that still has to be answered.
 */
export function asksForWebSocket(request: IncomingMessage): boolean {
  const { headers, method, httpVersionMajor, httpVersionMinor, socket } = request
  return (
    method === 'GET' &&
    httpVersionMajor === 1 &&
    httpVersionMinor === 1 &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['transfer-encoding'] === undefined &&
    (headers['content-length'] ?? '0') === '0' &&
    connectionState(socket).idle &&
    !connectionState(socket).ended
  )
}
