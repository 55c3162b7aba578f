import type { SharedCells } from '../contract/shared-cells.ts'

const BEAT_MS = 100

/** A data-plane thread says that its event loop turns: a number in shared memory that changes. */
export function beatHeart(cells: SharedCells, threads: number, thread: number): void {
  const beats = claimBeats(cells, threads)
  Atomics.add(beats, thread, 1)
  setInterval(() => Atomics.add(beats, thread, 1), BEAT_MS).unref()
}

/** Watches the hearts from the main thread. */
export class HeartMonitor {
  readonly #beats: Int32Array
  readonly #seen: number[]
  readonly #changedAt: number[]
  readonly #clock: () => number

  /** @param clock Milliseconds, monotonic. */
  constructor(cells: SharedCells, threads: number, clock: () => number = () => performance.now()) {
    this.#beats = claimBeats(cells, threads)
    this.#seen = Array.from({ length: threads }, () => 0)
    this.#changedAt = Array.from({ length: threads }, clock)
    this.#clock = clock
  }

  /** Milliseconds since the thread was last seen alive. Call often: it is what notices the beat. */
  silentMs(thread: number): number {
    const now = this.#clock()
    const beat = Atomics.load(this.#beats, thread)
    if (beat !== this.#seen[thread]) {
      this.#seen[thread] = beat
      this.#changedAt[thread] = now
    }
    return now - this.#changedAt[thread]!
  }

  /** A new thread begins: it gets the full time to show itself. */
  reset(thread: number): void {
    this.#changedAt[thread] = this.#clock()
  }
}

function claimBeats(cells: SharedCells, threads: number): Int32Array {
  return cells.claim('heartbeats', threads)
}
