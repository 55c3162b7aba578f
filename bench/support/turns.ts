import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Child } from './child.ts'
import { cpuMicroseconds } from './cpu-time.ts'

const CONNECTIONS = 64
/** With answers still missing a program is given up. */
const TURN_MS = 20_000
/** In which a program that has answered goes to sleep; what it still does is part of the turn. */
const REST_MS = 2

/**
 * Loads a program in short turns, on connections that stay open, so that neither opening nor closing them is measured.
 * Between its turns a program rests, and its CPU time is read while it does: the system brings that of a running thread
 * up to date only at the next tick of its clock, which is wrong by up to 4 ms.
 */
export class Turns {
  readonly #program: Child
  readonly #sockets: readonly Socket[]
  readonly #request: Buffer
  /** Requests of this turn that are not sent yet. */
  #unsent = 0
  #unanswered = 0
  #turn = Promise.withResolvers<void>()

  private constructor(program: Child, path: string, sockets: readonly Socket[]) {
    this.#program = program
    this.#sockets = sockets
    const fields = Object.entries({ host: new URL(program.url).host, ...program.headers })
    const lines = [`GET ${path} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`)]
    this.#request = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
    for (const socket of sockets) this.#listen(socket)
  }

  static async open(program: Child, path: string): Promise<Turns> {
    const { hostname, port } = new URL(program.url)
    const sockets = Array.from({ length: CONNECTIONS }, () =>
      connect(Number(port), hostname).setNoDelay(true),
    )
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    return new Turns(program, path, sockets)
  }

  /**
   * Sends requests, on each connection the next one as soon as the last one is answered.
   *
   * @param requests At least one for each of the 64 connections.
   * @returns CPU time of the program for each request, in microseconds.
   * @throws Error When an answer is not 200: a wrong answer is fast and proves nothing. Also when there is none.
   */
  async take(requests: number): Promise<number> {
    const before = cpuMicroseconds(this.#program.pid)
    this.#turn = Promise.withResolvers()
    this.#unsent = this.#unanswered = requests
    const late = setTimeout(
      () =>
        this.#fail(`${this.#unanswered} of ${requests} requests got no answer within ${TURN_MS / 1000} s`),
      TURN_MS,
    )
    for (const socket of this.#sockets) this.#send(socket)
    try {
      await this.#turn.promise
    } finally {
      clearTimeout(late)
    }
    await pause(REST_MS)
    return (cpuMicroseconds(this.#program.pid) - before) / requests
  }

  close(): void {
    for (const socket of this.#sockets) socket.removeAllListeners('close').destroy()
  }

  #send(socket: Socket): void {
    if (this.#unsent === 0) return
    this.#unsent--
    socket.write(this.#request)
  }

  #listen(socket: Socket): void {
    /** Bytes of the answer that are still to come. */
    let missing = 0
    socket.on('data', (bytes: Buffer) => {
      if (missing === 0) missing = this.#bytesOfAnswer(bytes)
      missing -= bytes.length
      if (missing > 0) return
      if (--this.#unanswered === 0) this.#turn.resolve()
      else this.#send(socket)
    })
    socket.on('error', (error) => this.#fail(error.message))
    socket.on('close', () => this.#fail('a connection was closed'))
  }

  /** @param bytes Its first ones. */
  #bytesOfAnswer(bytes: Buffer): number {
    const head = bytes.toString('latin1', 0, bytes.indexOf('\r\n\r\n') + 4)
    const length = /^content-length: (\d+)/im.exec(head)
    if (!head.startsWith('HTTP/1.1 200 ') || length === null) {
      this.#fail(`an answer begins with ${JSON.stringify(head.slice(0, 40))}`)
      return Number.POSITIVE_INFINITY
    }
    return head.length + Number(length[1])
  }

  #fail(why: string): void {
    // Whoever waits for a turn is told; a connection that is lost in between is missed in the next one.
    this.#turn.promise.catch(() => {})
    this.#turn.reject(new Error(`${this.#program.name}: ${why}`))
  }
}
