import net from 'node:net'

/** What came of a load. */
export interface LoadResult {
  /** Requests that were answered as they should be. */
  readonly answered: number
  /** Requests that were sent and not answered so. */
  readonly failed: number
  /** What went wrong with the first ones. */
  readonly failures: readonly string[]
}

export interface LoadOptions {
  /** Port for the next connection; null to wait for one. */
  readonly port: () => number | null
  readonly connections: number
  /** Bytes of a request without a body. */
  readonly request: string
  /** Milliseconds between an answer and the next request of a client. Default 0. */
  readonly pauseMs?: number
  /** Null when the answer is right, else what is wrong with it. Default: it must be 200. */
  readonly judge?: (head: string, body: string) => string | null
}

/**
 * Clients that each send the next request when they have the answer, on connections that they keep until they are told
 * to close. Cheap, so that most of the machine is left for the gateway. A connection that cannot be made is no failed
 * request: none was sent.
 */
export class Load {
  answered = 0
  failed = 0
  readonly failures: string[] = []
  readonly #options: LoadOptions
  readonly #clients: Promise<void>[]
  #stopped = false

  constructor(options: LoadOptions) {
    this.#options = options
    this.#clients = Array.from({ length: options.connections }, () => this.#run())
  }

  /** Lets each client finish its request. */
  async stop(): Promise<LoadResult> {
    this.#stopped = true
    await Promise.all(this.#clients)
    return { answered: this.answered, failed: this.failed, failures: this.failures }
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const port = this.#options.port()
      if (port === null || !(await this.#useConnection(port))) await new Promise((r) => setTimeout(r, 5))
    }
  }

  /** Sends requests on one connection until it ends. False when it could not be made. */
  #useConnection(port: number): Promise<boolean> {
    const { request, judge = isOk, pauseMs = 0 } = this.#options
    return new Promise((resolve) => {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
      let pending = ''
      let waiting = false
      let connected = false
      const send = (): void => {
        waiting = true
        socket.write(request)
      }
      socket.setEncoding('latin1')
      socket.on('connect', () => {
        connected = true
        send()
      })
      socket.on('data', (text: string) => {
        pending += text
        const answer = wholeAnswer(pending)
        if (answer === null) return
        pending = pending.slice(answer.length)
        waiting = false
        const wrong = pending === '' ? judge(answer.head, answer.body) : 'bytes behind the answer'
        if (wrong === null) this.answered++
        else this.#fail(wrong)
        if (this.#stopped || /\r\nconnection: close/i.test(answer.head)) socket.end()
        else if (pauseMs === 0) send()
        else setTimeout(() => (this.#stopped ? socket.end() : send()), pauseMs)
      })
      socket.on('error', () => {})
      socket.on('close', () => {
        if (waiting) this.#fail(`closed after ${JSON.stringify(pending.slice(0, 100))}`)
        resolve(connected)
      })
    })
  }

  #fail(what: string): void {
    this.failed++
    if (this.failures.length < 10) this.failures.push(what)
  }
}

function isOk(head: string): string | null {
  return head.startsWith('HTTP/1.1 200 ') ? null : head.slice(0, 200)
}

/** The answer at the beginning of the text, by its length or its chunks. */
function wholeAnswer(text: string): { head: string; body: string; length: number } | null {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return null
  const head = text.slice(0, end)
  const declared = /\r\ncontent-length: (\d+)/i.exec(head)
  if (declared !== null) {
    const length = end + 4 + Number(declared[1])
    return text.length < length ? null : { head, body: text.slice(end + 4, length), length }
  }
  const last = text.indexOf('0\r\n\r\n', end + 4)
  return last < 0 ? null : { head, body: text.slice(end + 4, last), length: last + 5 }
}
