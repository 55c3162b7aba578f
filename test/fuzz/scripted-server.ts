import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { Dialer } from '../../gateway/transport/wire/dialer.ts'

/** A connection to a server within this thread, as far as the transport uses one. */
export class ScriptedSocket extends EventEmitter {
  writableLength = 0
  destroyed = false
  written = ''
  readonly #read: (length: number, bytes: Uint8Array) => boolean

  constructor(read: (length: number, bytes: Uint8Array) => boolean) {
    super()
    this.#read = read
  }

  write(text: string | Buffer): boolean {
    this.written += text.toString('latin1')
    this.emit('request')
    return true
  }

  cork(): void {}
  uncork(): void {}
  pause(): void {}
  resume(): void {}

  destroy(): void {
    this.destroyed = true
  }

  /** The server says these; the bytes are spoiled afterwards, as a buffer is that others read into. */
  say(piece: Buffer): void {
    if (this.destroyed) return
    const copy = Buffer.from(piece)
    this.#read(copy.length, copy)
    copy.fill(0x21)
  }

  /** The server ends the connection. */
  finish(): void {
    if (!this.destroyed) this.emit('end')
    if (!this.destroyed) this.emit('close')
  }
}

/** Hands every connection that is opened to the script. */
export function scriptedDialer(script: (socket: ScriptedSocket) => void): Dialer {
  return {
    authority: 'script.test',
    ready: 'connect',
    dial(read) {
      const socket = new ScriptedSocket(read)
      script(socket)
      process.nextTick(() => socket.emit('connect'))
      // The transport asks no more of a Socket than this one has.
      return socket as unknown as Socket
    },
  }
}
