import type { Socket } from 'node:net'

/**
 * Ends a connection with bytes that the lane cannot read.
 *
 * @param answer As it goes onto the wire; empty to say nothing.
 */
export function sayLast(socket: Socket, answer: string): void {
  if (socket.destroyed) return
  if (answer === '' || !socket.writable) socket.destroy()
  else socket.end(answer, 'latin1', () => socket.destroySoon())
}
