import type { Socket } from 'node:net'

/**
 * Makes an abort reach the peer as a reset. Closing normally (FIN) tells a server only that no more request bytes
 * follow, and some runtimes let the function run on until it writes.
 */
export function resettable(socket: Socket): void {
  const destroy = socket.destroy.bind(socket)
  socket.destroy = (error?: Error) => {
    if (error === undefined || socket.destroyed || socket.connecting) return destroy(error)
    // resetAndDestroy() ends in destroy(): give it the original.
    socket.destroy = destroy
    return socket.resetAndDestroy()
  }
}
