import { get } from 'node:http'

export interface HangWatchOptions {
  /** Milliseconds between two looks. */
  readonly intervalMs: number
  /** Milliseconds after which a process that does not answer counts as hung. */
  readonly timeoutMs: number
}

/** A timer this much late means that we hung ourselves, or that the machine slept: the look does not count. */
const OWN_LAG_MS = 500

/**
 * Asks a process again and again whether it still answers. Functions of a process share one thread and workerd limits
 * no CPU time: a function that never returns stops them all.
 */
export class HangWatch {
  readonly #socket: string
  readonly #options: HangWatchOptions
  readonly #onHang: () => void
  #timer: NodeJS.Timeout | null = null
  #stopped = false

  constructor(socket: string, options: HangWatchOptions, onHang: () => void) {
    this.#socket = socket
    this.#options = options
    this.#onHang = onHang
    this.#next()
  }

  stop(): void {
    this.#stopped = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #next(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => void this.#look(), this.#options.intervalMs).unref()
  }

  async #look(): Promise<void> {
    const { timeoutMs } = this.#options
    const askedAt = performance.now()
    const answers = await answersWithin(this.#socket, timeoutMs)
    if (this.#stopped) return
    const ownLagMs = performance.now() - askedAt - timeoutMs
    if (!answers && ownLagMs < OWN_LAG_MS) this.#onHang()
    else this.#next()
  }
}

/** Whether anything comes back; a connection that is refused is a process that ended, which others notice. */
function answersWithin(socketPath: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/', headers: { host: 'probe' }, agent: false })
    const timer = setTimeout(() => {
      resolve(false)
      request.destroy()
    }, timeoutMs).unref()
    const answered = () => {
      clearTimeout(timer)
      resolve(true)
    }
    request.on('response', (response) => {
      response.resume()
      answered()
    })
    request.on('error', answered)
  })
}
