import type { Socket } from 'node:net'
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

export function attach(socket: Socket, connection: ExpressConnection): void {
  ;(socket as Socket & Held)[CONNECTION] = connection
  for (const event of Object.keys(LISTENERS)) socket.on(event, LISTENERS[event as keyof typeof LISTENERS])
}

export function detach(socket: Socket): void {
  for (const event of Object.keys(LISTENERS)) socket.off(event, LISTENERS[event as keyof typeof LISTENERS])
}
