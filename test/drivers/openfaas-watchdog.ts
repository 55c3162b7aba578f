import type { ServerResponse } from 'node:http'
import { seconds } from './openfaas-platform.ts'

export interface WatchdogOptions {
  /** Calls at the same time; unlimited when left out. */
  readonly maxInflight?: number
  /** Milliseconds that a call may take. */
  readonly execTimeoutMs?: number
}

/** of-watchdog in mode `http`, as recorded of 0.9.12; newer ones mark their own errors. */
export class OfWatchdog {
  readonly #options: WatchdogOptions
  readonly #marks: boolean
  #inFlight = 0

  constructor(options: WatchdogOptions, marks: boolean) {
    this.#options = options
    this.#marks = marks
  }

  /** Takes a call in, or answers that it is full. */
  enter(response: ServerResponse): boolean {
    const max = this.#options.maxInflight ?? Number.POSITIVE_INFINITY
    if (this.#inFlight < max) {
      this.#inFlight++
      return true
    }
    const text = `Concurrent request limit exceeded. Max concurrent requests: ${max}\n`
    if (this.#marks) response.setHeader('X-OpenFaaS-Internal', 'faas-middleware')
    response.writeHead(429, { 'Content-Type': 'text/plain', 'Content-Length': text.length }).end(text)
    return false
  }

  leave(): void {
    this.#inFlight--
  }

  /** Ends the call after its time; gives the timer. */
  limit(response: ServerResponse, end: () => void): NodeJS.Timeout | undefined {
    const { execTimeoutMs } = this.#options
    if (execTimeoutMs === undefined) return undefined
    const startedAt = performance.now()
    return setTimeout(() => {
      if (!response.headersSent) this.#fail(response, 504, startedAt)
      end()
    }, execTimeoutMs)
  }

  /** The function closed its socket before it answered. */
  lost(response: ServerResponse, startedAt: number): void {
    this.#fail(response, 500, startedAt)
  }

  #fail(response: ServerResponse, status: number, startedAt: number): void {
    if (this.#marks) response.setHeader('X-OpenFaaS-Internal', 'of-watchdog')
    const headers = {
      // The provider gives an answer without a type that of the request.
      'Content-Type': response.req.headers['content-type'] ?? 'text/plain',
      'Content-Length': 0,
      'X-Duration-Seconds': seconds(startedAt),
    }
    response.writeHead(status, headers).end()
  }
}
