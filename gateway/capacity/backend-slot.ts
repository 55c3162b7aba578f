import type { SharedCells } from '../contract/shared-cells.ts'
import { HeldCount } from './held-count.ts'

const NOT_READY = 0
const WORDS = 1

/** What all threads know of one Backend: the calls in flight of all its Functions, and whether it is there. */
export class BackendSlot {
  readonly calls: HeldCount
  /** Calls at once that were declared for the whole Backend; infinite for `unlimited`. */
  readonly concurrency: number
  readonly #cells: Int32Array

  /**
   * @param threads Number of threads that may call.
   * @param thread Index of this one.
   */
  constructor(
    cells: SharedCells,
    name: string,
    threads: number,
    thread: number,
    concurrency = Number.POSITIVE_INFINITY,
  ) {
    this.calls = new HeldCount(cells, `backend:${name}`, threads, thread)
    this.concurrency = concurrency
    this.#cells = cells.claim(`backend:${name}`, WORDS)
  }

  get inFlight(): number {
    return this.calls.value
  }

  /** False while active probes say that the platform is away. True until one has said so. */
  get ready(): boolean {
    return this.#cells[NOT_READY] === 0
  }

  set ready(ready: boolean) {
    Atomics.store(this.#cells, NOT_READY, ready ? 0 : 1)
  }

  /** Takes a place unless all that were declared are taken. Each yes is paired with one `release`. */
  tryAcquire(): boolean {
    return this.calls.tryAcquire(this.concurrency)
  }

  release(): void {
    this.calls.release()
  }
}
