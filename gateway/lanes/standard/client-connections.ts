import type { Socket } from 'node:net'
import { connectionState } from './connection-state.ts'

interface Sight {
  bytes: number
  since: number
}

/** The open connections of a lane. */
export class ClientConnections {
  /** As accepted. */
  readonly #sockets = new Set<Socket>()
  /** On which requests arrive: the same, or those within TLS. */
  readonly #clients = new Set<Socket>()
  readonly #sights = new WeakMap<Socket, Sight>()

  get open(): number {
    return this.#sockets.size
  }

  /** @param closed Called when the connection is closed. */
  accepted(socket: Socket, closed: () => void): void {
    this.#sockets.add(socket)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      closed()
    })
  }

  /** Requests arrive on this one. */
  ready(socket: Socket): void {
    this.#clients.add(socket)
    socket.on('close', () => this.#clients.delete(socket))
  }

  /**
   * Ends the connections that have been without a request and without a byte for this long, as far as this method has
   * seen: it is called again and again. A request may be on its way on a connection that is merely idle.
   *
   * @param now Milliseconds, monotonic.
   * @returns How many were not ended.
   */
  endQuiet(quietMs: number, now: number): number {
    let kept = 0
    for (const socket of this.#clients) {
      if (socket.writableEnded) continue
      if (this.#quietMs(socket, now) >= quietMs) socket.end()
      else kept++
    }
    return kept
  }

  destroy(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** -1 for a connection with a request. */
  #quietMs(socket: Socket, now: number): number {
    const { bytesRead } = socket
    const sight = this.#sights.get(socket)
    if (!connectionState(socket).idle || sight === undefined || sight.bytes !== bytesRead) {
      this.#sights.set(socket, { bytes: bytesRead, since: now })
      return connectionState(socket).idle ? 0 : -1
    }
    return now - sight.since
  }
}
