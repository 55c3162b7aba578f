import type { SharedCells } from '../contract/shared-cells.ts'

const TOTAL = 0
const PER_THREAD = 1

/** Bounds the open client connections of the whole gateway, exactly, over all threads and listeners. */
export class ConnectionLimit {
  readonly #cells: Int32Array
  readonly #thread: number
  readonly #most: number

  /** @param threads Number of threads. @param thread Index of this one. @param most Connections at once. */
  constructor(cells: SharedCells, threads: number, thread: number, most: number) {
    this.#cells = cells.claim('connections', PER_THREAD + threads)
    this.#thread = PER_THREAD + thread
    this.#most = most
  }

  /** Counts a connection, or answers no when there are enough. Each yes is paired with one `release`. */
  tryAcquire(): boolean {
    if (Atomics.add(this.#cells, TOTAL, 1) >= this.#most) {
      Atomics.sub(this.#cells, TOTAL, 1)
      return false
    }
    Atomics.add(this.#cells, this.#thread, 1)
    return true
  }

  release(): void {
    Atomics.sub(this.#cells, this.#thread, 1)
    Atomics.sub(this.#cells, TOTAL, 1)
  }

  /** Gives back what a thread held when it died. Called on the main thread. */
  releaseAllOf(thread: number): void {
    const held = Atomics.exchange(this.#cells, PER_THREAD + thread, 0)
    if (held !== 0) Atomics.sub(this.#cells, TOTAL, held)
  }
}
