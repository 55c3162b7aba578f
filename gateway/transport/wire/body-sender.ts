import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { describe } from '../upstream-failure.ts'
import type { WireCall } from './wire-call.ts'

/** Chunks up to this size leave as one string with their frame: a gathered write costs twice as much. */
const MOST_JOINED_BYTES = 16_384

/** Where the stream, whose listeners are shared by all, finds its sender. */
const SENDER = Symbol('dispatch.sender')

type Held = { [SENDER]: BodySender }

/** Sends a streamed body: with its length, or in chunks. A body that breaks ends its call; it is never completed. */
export class BodySender {
  /** The whole body was handed to the socket. */
  done = false
  readonly #call: WireCall
  readonly #body: Readable
  /** -1: in chunks. */
  readonly #length: number
  #sent = 0
  #socket: Socket | null = null
  #over = false

  /** Listens for a body that breaks at once, because it may do so while its call still waits for a connection. */
  constructor(call: WireCall, body: Readable, length: number) {
    this.#call = call
    this.#body = body
    this.#length = length
    ;(body as Readable & Held)[SENDER] = this
    body.on('error', onError)
    body.on('close', onClose)
  }

  begin(socket: Socket): void {
    const body = this.#body
    this.#socket = socket
    if (body.readableEnded) {
      this.ended()
    } else if (body.destroyed) {
      this.broken('the body of the request was cut')
    } else {
      body.on('data', onData)
      body.on('end', onEnd)
    }
  }

  /** Nobody wants the rest. */
  stop(): void {
    if (this.#over) return
    this.#over = true
    this.#body.destroy()
  }

  /** The socket takes more. */
  drained(): void {
    if (!this.#over && this.#socket !== null) this.#body.resume()
  }

  data(given: Buffer | string): void {
    const socket = this.#socket
    if (this.#over || socket === null) return
    const chunk = typeof given === 'string' ? Buffer.from(given) : given
    if (chunk.length === 0) return
    this.#sent += chunk.length
    if (this.#length >= 0 && this.#sent > this.#length) this.broken('the body is longer than declared')
    else if (!this.#write(socket, chunk)) this.#body.pause()
  }

  ended(): void {
    if (this.#over) return
    if (this.#length >= 0 && this.#sent !== this.#length) {
      this.broken('the body is shorter than declared')
      return
    }
    this.#over = true
    this.done = true
    if (this.#length < 0) this.#socket!.write('0\r\n\r\n', 'latin1')
  }

  /** As the other transport says it: the backend did not get a whole request, and whether it acted on it is not known. */
  broken(detail: string): void {
    if (!this.#over) this.#call.fail('reset', detail)
  }

  #write(socket: Socket, chunk: Buffer): boolean {
    if (this.#length >= 0) return socket.write(chunk)
    const size = `${chunk.length.toString(16)}\r\n`
    if (chunk.length <= MOST_JOINED_BYTES)
      return socket.write(`${size}${chunk.toString('latin1')}\r\n`, 'latin1')
    socket.cork()
    socket.write(size, 'latin1')
    socket.write(chunk)
    const more = socket.write('\r\n', 'latin1')
    socket.uncork()
    return more
  }
}

function onData(this: Held, chunk: Buffer | string): void {
  this[SENDER].data(chunk)
}

function onEnd(this: Held): void {
  this[SENDER].ended()
}

function onError(this: Held, error: Error): void {
  this[SENDER].broken(describe(error))
}

function onClose(this: Held): void {
  this[SENDER].broken('the body of the request was cut')
}
