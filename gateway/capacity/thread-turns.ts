import type { SharedCells } from '../contract/shared-cells.ts'
import { HeldCount } from './held-count.ts'

const TURN = 0
/** What two threads write stands on lines of the cache of its own. */
const STRIDE = 16

/** Words of each thread: slots that it may try for first, whether it may try at all, and what it is woken by. */
const OFFERED = 0
const OPEN = 1
const SIGNAL = 2

/**
 * Which thread may have a free slot first, when calls wait on several. A slot is given back on the thread that held
 * it; were that one to fill it at once, it would do so for ever, and those that wait elsewhere would starve. So each
 * thread has as many turns as organizations wait on it. One that has no use for its turn passes it on to all.
 *
 * The price of a release while nobody waits is one atomic load.
 */
export class ThreadTurns {
  readonly #cells: Int32Array
  readonly #organizations: HeldCount
  readonly #threads: number
  readonly #thread: number
  readonly #wake: () => void
  #seen = 0
  #listening = false

  /**
   * Claimed before the first configuration, so that it is kept for ever.
   *
   * @param threads Number of threads that serve calls.
   * @param thread Index of this one.
   * @param wake Called when another thread gives this one a turn.
   */
  constructor(cells: SharedCells, threads: number, thread: number, wake: () => void) {
    this.#cells = cells.claim('turns', STRIDE * (1 + threads))
    this.#organizations = new HeldCount(cells, 'waiting-organizations', threads, thread)
    this.#threads = threads
    this.#thread = thread
    this.#wake = wake
  }

  /** Organizations that wait, each once for every thread. */
  get waiting(): number {
    return this.#organizations.value
  }

  /** An organization begins to wait on this thread. Each is paired with one `organizationLeft`. */
  organizationCame(): void {
    this.#organizations.acquire()
    this.#listen()
  }

  organizationLeft(): void {
    this.#organizations.release()
  }

  /** A slot is free. True when this thread may try for it first; if another may, that one is woken. */
  draw(): boolean {
    const chosen = this.#next()
    if (chosen === this.#thread) return true
    if (chosen < 0) return false
    Atomics.add(this.#cells, at(chosen, OFFERED), 1)
    this.#signal(chosen)
    return false
  }

  /** Slots that others gave this thread since it asked last. */
  takeOffers(): number {
    return Atomics.exchange(this.#cells, at(this.#thread, OFFERED), 0)
  }

  /** Whether another thread had no use for a slot, since this was asked last. */
  takeOpen(): boolean {
    return Atomics.exchange(this.#cells, at(this.#thread, OPEN), 0) !== 0
  }

  /** This thread had no use for its turn: all others may try. */
  pass(): void {
    for (let thread = 0; thread < this.#threads; thread++) {
      if (thread === this.#thread || this.#organizations.heldBy(thread) === 0) continue
      Atomics.store(this.#cells, at(thread, OPEN), 1)
      this.#signal(thread)
    }
  }

  /** The thread whose turn it is; -1 when nobody waits. */
  #next(): number {
    const total = this.#organizations.value
    if (total <= 0) return -1
    let turn = (Atomics.add(this.#cells, TURN, 1) >>> 0) % total
    // The numbers of the threads may be ahead of their sum: then the last one that waits has the turn.
    let chosen = -1
    for (let thread = 0; thread < this.#threads && turn >= 0; thread++) {
      const waiting = this.#organizations.heldBy(thread)
      if (waiting > 0) chosen = thread
      turn -= waiting
    }
    return chosen
  }

  #signal(thread: number): void {
    Atomics.add(this.#cells, at(thread, SIGNAL), 1)
    Atomics.notify(this.#cells, at(thread, SIGNAL))
  }

  /**
   * Without a time-out, for which Node would keep a timer until it is over, however early the wake-up. One listener at
   * a time: a wake-up that finds nobody waiting any more is the last.
   */
  #listen(): void {
    if (this.#listening) return
    const result = Atomics.waitAsync(this.#cells, at(this.#thread, SIGNAL), this.#seen)
    this.#listening = true
    if (result.async) void result.value.then(this.#onSignal)
    else queueMicrotask(this.#onSignal)
  }

  readonly #onSignal = (): void => {
    this.#listening = false
    this.#seen = Atomics.load(this.#cells, at(this.#thread, SIGNAL))
    if (this.#organizations.heldBy(this.#thread) > 0) this.#listen()
    this.#wake()
  }
}

function at(thread: number, word: number): number {
  return STRIDE * (1 + thread) + word
}
