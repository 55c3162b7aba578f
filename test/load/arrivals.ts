import http from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Cleanup } from '../e2e/gateway.ts'

/** What became of one request. */
export interface Arrival {
  readonly status: number
  /** Code of a refusal, or an empty string. */
  readonly code: string
  /** Seconds; 0 when nothing was said. */
  readonly retryAfter: number
  readonly ms: number
}

/** Sends GET requests, each on a connection that is free. */
export class Arrivals {
  readonly #agent = new http.Agent({ keepAlive: true })

  constructor(t: Cleanup) {
    t.after(() => this.#agent.destroy())
  }

  /** One request. A connection that breaks is status 0. */
  send(url: string): Promise<Arrival> {
    const startedAt = performance.now()
    return new Promise((resolve) => {
      const done = (status: number, headers: http.IncomingHttpHeaders = {}) =>
        resolve({
          status,
          code: String(headers['dispatch-error'] ?? ''),
          retryAfter: Number(headers['retry-after'] ?? 0),
          ms: performance.now() - startedAt,
        })
      const request = http.get(url, { agent: this.#agent }, (response) => {
        response.resume()
        response.on('end', () => done(response.statusCode!, response.headers))
      })
      request.on('error', () => done(0))
    })
  }
}

/** Sends at a constant rate for so long, whether or not what was sent before is over. Resolves when all is. */
export async function atRate<Result>(
  ratePerSecond: number,
  seconds: number,
  send: () => Promise<Result>,
): Promise<Result[]> {
  const sent: Promise<Result>[] = []
  const startedAt = performance.now()
  for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - startedAt) / 1000) {
    while (sent.length < elapsed * ratePerSecond) sent.push(send())
    await pause(2)
  }
  return await Promise.all(sent)
}
