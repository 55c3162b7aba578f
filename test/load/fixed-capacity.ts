import { setTimeout as pause } from 'node:timers/promises'
import type { Cleanup } from '../e2e/gateway.ts'
import { startUpstream } from '../e2e/upstream.ts'

/** A backend that takes the same time for each call, and measures how much it was used. */
export class FixedCapacity {
  url = ''
  /** Calls that it answered. */
  served = 0
  /** Most calls that it had at once. */
  most = 0
  #inFlight = 0
  /** Milliseconds that calls were here, all together. */
  #busyMs = 0
  #countedAt = performance.now()
  #askedAt = performance.now()

  static async start(t: Cleanup, serviceMs: number): Promise<FixedCapacity> {
    const backend = new FixedCapacity()
    const { url } = await startUpstream(t, (_request, response) => {
      backend.#count(1)
      void pause(serviceMs).then(() => {
        backend.#count(-1)
        backend.served++
        response.end('served')
      })
    })
    backend.url = url
    return backend
  }

  /** Share of its capacity that was used since this was asked last, from 0 to 1. */
  use(slots: number): number {
    this.#count(0)
    const use = this.#busyMs / ((this.#countedAt - this.#askedAt) * slots)
    this.#askedAt = this.#countedAt
    this.#busyMs = 0
    return use
  }

  #count(change: number): void {
    const now = performance.now()
    this.#busyMs += this.#inFlight * (now - this.#countedAt)
    this.#countedAt = now
    this.#inFlight += change
    this.most = Math.max(this.most, this.#inFlight)
  }
}
