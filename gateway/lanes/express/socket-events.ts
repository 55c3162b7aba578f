import type { Socket } from 'node:net'
import type { ExpressConnection } from './express-connection.ts'

/** Where a socket finds its connection: one listener for all sockets instead of closures for each. */
const CONNECTION = Symbol('dispatch.express')

interface Held {
  [CONNECTION]: ExpressConnection
}

const LISTENERS = {
  data(this: Socket, bytes: Buffer): void {
    ;(this as unknown as Held)[CONNECTION].read(bytes)
  },
  end(this: Socket): void {
    ;(this as unknown as Held)[CONNECTION].clientEnded()
  },
  drain(this: Socket): void {
    ;(this as unknown as Held)[CONNECTION].drained()
  },
  close(this: Socket): void {
    ;(this as unknown as Held)[CONNECTION].closed()
  },
  /** `close` follows. */
  error(): void {},
}

export function attach(socket: Socket, connection: ExpressConnection): void {
  ;(socket as unknown as Held)[CONNECTION] = connection
  for (const event of Object.keys(LISTENERS)) socket.on(event, LISTENERS[event as keyof typeof LISTENERS])
}

export function detach(socket: Socket): void {
  for (const event of Object.keys(LISTENERS)) socket.off(event, LISTENERS[event as keyof typeof LISTENERS])
}
