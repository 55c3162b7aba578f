import { Socket } from 'node:net'
import type { ExpressConnection } from './express-connection.ts'

/** Where a socket finds its connection: one listener for all sockets instead of closures for each. */
const CONNECTION = Symbol('dispatch.express')

interface Held {
  [CONNECTION]: ExpressConnection
}

const LISTENERS = {
  data(this: Held, bytes: Buffer): void {
    this[CONNECTION].read(bytes)
  },
  end(this: Held): void {
    this[CONNECTION].clientEnded()
  },
  drain(this: Held): void {
    this[CONNECTION].drained()
  },
  close(this: Held): void {
    this[CONNECTION].closed()
  },
  /** `close` follows. */
  error(): void {},
}

/**
 * Stands before `Readable.push`, to which the system's reads come: while they are emitted at once they go to the connection
 * directly. What streams do around an event (a tick of its own, after which they ask whether to read on) is 4 % of a
 * call. Whatever is not plain, and all should Node not ask here any more, takes the way by `data`.
 */
function push(this: Socket & Held, bytes: Buffer | null): boolean {
  if (bytes === null || this.readableFlowing !== true || this.readableLength > 0)
    return Socket.prototype.push.call(this, bytes)
  this[CONNECTION].read(bytes)
  return true
}

export function attach(socket: Socket, connection: ExpressConnection): void {
  ;(socket as Socket & Held)[CONNECTION] = connection
  socket.push = push
  for (const event of Object.keys(LISTENERS)) socket.on(event, LISTENERS[event as keyof typeof LISTENERS])
}

export function detach(socket: Socket): void {
  socket.push = Socket.prototype.push
  for (const event of Object.keys(LISTENERS)) socket.off(event, LISTENERS[event as keyof typeof LISTENERS])
}
