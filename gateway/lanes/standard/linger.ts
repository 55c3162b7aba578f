import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'

/** Bytes and milliseconds that an answered request may still send before its connection is cut. */
const LINGER_BYTES = 1 << 20
const LINGER_MS = 2000

/**
 * Drains the rest of a body that nobody wants any more. Closing at once would reset the connection and could take the
 * answer with it; draining without bound would let a client send for ever.
 */
export function lingerThenClose(request: Readable, socket: Socket): void {
  let room = LINGER_BYTES
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  request.on('data', (chunk: Buffer) => {
    room -= chunk.length
    if (room < 0) socket.destroy()
  })
  request.on('close', () => clearTimeout(timer))
  request.on('end', () => clearTimeout(timer))
  request.resume()
}
