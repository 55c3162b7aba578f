import { connect, type Socket } from 'node:net'
import { createHistogram } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'

/** A stream of requests that does not wait for answers. */
export interface Arrivals {
  readonly url: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly requestsPerSecond: number
  readonly seconds: number
  /** That are kept open; a request that finds none free waits, and its wait counts. */
  readonly connections: number
}

/** Latencies in milliseconds, from the moment at which a request was due to the last byte of its answer. */
export interface Latencies {
  readonly requests: number
  readonly p50Ms: number
  readonly p90Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
}

const TICK_MS = 1
const GIVE_UP_MS = 10_000

/**
 * Requests at a constant rate: those of a millisecond are due at its beginning. Latency counts from when a request was
 * due, not from when it was sent, so that a server that stalls is charged for all who had to wait (no coordinated omission;
 * Tene, "How NOT to Measure Latency", 2013). Percentiles are of an HDR histogram with three digits.
 *
 * @throws Error When an answer is not 200, or does not come.
 */
export async function openLoop(arrivals: Arrivals): Promise<Latencies> {
  const generator = new Generator(arrivals)
  try {
    return await generator.run()
  } finally {
    generator.close()
  }
}

class Generator {
  readonly #arrivals: Arrivals
  readonly #idle: Connection[] = []
  readonly #all: Connection[] = []
  /** When requests without a connection were due. */
  readonly #waiting: number[] = []
  readonly #latency = createHistogram()
  #open = 0
  #failure: Error | null = null

  constructor(arrivals: Arrivals) {
    this.#arrivals = arrivals
    const { hostname, port, host } = new URL(arrivals.url)
    const fields = Object.entries({ host, ...arrivals.headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    const request = Buffer.from(`GET ${arrivals.path} HTTP/1.1\r\n${fields.join('')}\r\n`, 'latin1')
    for (let i = 0; i < arrivals.connections; i++) {
      const connection = new Connection(connect(Number(port), hostname), request, {
        answered: (from, dueAt) => this.#answered(from, dueAt),
        failed: (why) => {
          this.#failure ??= new Error(why)
        },
      })
      this.#all.push(connection)
      this.#idle.push(connection)
    }
  }

  async run(): Promise<Latencies> {
    const { requestsPerSecond, seconds } = this.#arrivals
    const startedAt = performance.now() + 100
    const total = Math.floor(requestsPerSecond * seconds)
    for (let due = 0; due < total; ) {
      await pause(TICK_MS)
      const now = performance.now()
      for (; due < total; due++) {
        const dueAt = startedAt + Math.floor((due / requestsPerSecond) * 1000)
        if (dueAt > now) break
        this.#open++
        this.#send(dueAt)
      }
      if (this.#failure !== null) throw this.#failure
    }
    const latestEnd = performance.now() + GIVE_UP_MS
    while (this.#open > 0) {
      await pause(TICK_MS)
      if (this.#failure !== null) throw this.#failure
      if (performance.now() > latestEnd) throw new Error(`${this.#open} requests got no answer`)
    }
    const at = (percent: number) => this.#latency.percentile(percent) / 1000
    return { requests: total, p50Ms: at(50), p90Ms: at(90), p99Ms: at(99), p999Ms: at(99.9) }
  }

  close(): void {
    for (const connection of this.#all) connection.close()
  }

  #send(dueAt: number): void {
    const connection = this.#idle.pop()
    if (connection === undefined) this.#waiting.push(dueAt)
    else connection.send(dueAt)
  }

  #answered(connection: Connection, dueAt: number): void {
    this.#open--
    this.#latency.record(Math.max(1, Math.round((performance.now() - dueAt) * 1000)))
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(connection)
    else connection.send(next)
  }
}

interface Listener {
  answered(connection: Connection, dueAt: number): void
  failed(why: string): void
}

/** Reads answers of one length, which is that of the first. */
class Connection {
  readonly #socket: Socket
  readonly #request: Buffer
  readonly #listener: Listener
  #answerBytes = 0
  #read = 0
  #dueAt = 0

  constructor(socket: Socket, request: Buffer, listener: Listener) {
    this.#socket = socket
    this.#request = request
    this.#listener = listener
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => this.#data(bytes))
    socket.on('error', (error) => listener.failed(error.message))
    socket.on('close', () => listener.failed('a connection was closed'))
  }

  send(dueAt: number): void {
    this.#dueAt = dueAt
    this.#socket.write(this.#request)
  }

  close(): void {
    this.#socket.removeAllListeners('close')
    this.#socket.destroy()
  }

  #data(bytes: Buffer): void {
    if (this.#read === 0) {
      const head = bytes.toString('latin1', 0, bytes.indexOf('\r\n\r\n') + 4)
      const length = /^content-length: (\d+)/im.exec(head)
      if (!head.startsWith('HTTP/1.1 200 ') || length === null) {
        this.#listener.failed(`an answer begins with ${head.slice(0, 40)}`)
        return
      }
      this.#answerBytes = head.length + Number(length[1])
    }
    this.#read += bytes.length
    if (this.#read < this.#answerBytes) return
    this.#read = 0
    this.#listener.answered(this, this.#dueAt)
  }
}
