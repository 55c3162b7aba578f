import type { SharedCells } from '../contract/shared-cells.ts'
import { HeldCount } from './held-count.ts'

/** Bounds the open client connections of the whole gateway, exactly, over all threads and listeners. */
export class ConnectionLimit {
  readonly #open: HeldCount
  readonly #most: number

  /** @param threads Number of threads. @param thread Index of this one. @param most Connections at once. */
  constructor(cells: SharedCells, threads: number, thread: number, most: number) {
    this.#open = new HeldCount(cells, 'connections', threads, thread)
    this.#most = most
  }

  /** Counts a connection, or answers no when there are enough. Each yes is paired with one `release`. */
  tryAcquire(): boolean {
    return this.#open.tryAcquire(this.#most)
  }

  release(): void {
    this.#open.release()
  }
}
