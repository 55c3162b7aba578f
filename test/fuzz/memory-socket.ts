import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** A connection within this thread: the test says what the client sends, and keeps what it gets. */
export class MemorySocket extends Duplex {
  readonly remoteAddress = '127.0.0.1'
  readonly remotePort = 1
  sent = ''

  constructor() {
    super({ allowHalfOpen: true })
  }

  /** For those who want a Socket: they ask of it what a Duplex has, and the few things below. */
  get asSocket(): Socket {
    return this as unknown as Socket
  }

  override _read(): void {}

  override _write(piece: string | Buffer, encoding: string, done: () => void): void {
    this.sent += Buffer.isBuffer(piece) ? piece.toString('latin1') : Buffer.from(piece, encoding as 'latin1')
    done()
  }

  destroySoon(): void {
    if (this.writable) this.end(() => this.destroy())
    else this.destroy()
  }

  setTimeout(): void {}
  setNoDelay(): void {}
  setKeepAlive(): void {}
  ref(): void {}
  unref(): void {}
}

/** Sends the pieces; `pauses` says before which the reader gets a turn of the loop. */
export async function send(
  socket: MemorySocket,
  pieces: readonly Buffer[],
  pauses: (piece: number) => boolean,
): Promise<void> {
  for (const [i, piece] of pieces.entries()) {
    if (pauses(i)) await turns(1)
    if (!socket.destroyed) socket.push(piece)
  }
}

export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate)
}
