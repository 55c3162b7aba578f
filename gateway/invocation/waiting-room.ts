import { FairQueue } from '../capacity/fair-queue.ts'
import { ThreadTurns } from '../capacity/thread-turns.ts'
import type { SharedCells } from '../contract/shared-cells.ts'
import type { ThreadSeries } from '../observe/thread-series.ts'
import type { ActiveCall } from './active-call.ts'
import { tryPlace } from './invoke.ts'
import { proceed } from './wait.ts'
import { isPicky, lineOf } from './wait-rule.ts'

/** Lines that are tried before a search for one that can be served is put off to the next occasion. */
const PATIENCE = 64
/**
 * How often, in milliseconds, it is tried without a sign that there is room: an ejection that is over, a limit that has
 * grown, a budget that is open again give none.
 */
const LOOK_MS = 5

/**
 * The calls of one thread that wait for a free slot, on whatever Snapshot they began. Who is served next is decided by
 * organization, then by Function, then by age; which thread, by turns. Exists once per thread; no promise and no
 * closure per call.
 */
export class WaitingRoom {
  readonly #queue = new FairQueue<ActiveCall>()
  readonly #turns: ThreadTurns
  readonly #series: Pick<ThreadSeries, 'add'>
  /** Slots that were freed on this thread and that it may fill. */
  #slots = 0
  #isDue = false
  /** Organizations that wait here, as the other threads know. */
  #told = 0
  #look: NodeJS.Timeout | null = null

  /**
   * Made before the first configuration: the memory is kept for ever.
   *
   * @param threads Number of threads that serve calls.
   * @param thread Index of this one.
   * @param series Gets the number of calls that wait.
   */
  constructor(cells: SharedCells, threads: number, thread: number, series: Pick<ThreadSeries, 'add'>) {
    this.#series = series
    this.#turns = new ThreadTurns(cells, threads, thread, () => this.#serve())
  }

  /** Calls that wait here. */
  get size(): number {
    return this.#queue.size
  }

  /**
   * Calls that have their turn before one that enters now, and itself: 1 for the next. Those of its own organization on
   * other threads are all taken to stand before it, those of other organizations by turns.
   */
  positionOf(call: ActiveCall): number {
    const behindAll = call.route.target.load.waiting + 1
    const own = this.#queue.lengthOf(organizationOf(call), lineOf(call, call.route.target))
    const isAlone = own > 0 && this.#queue.organizations === 1
    return isAlone ? behindAll : Math.min(behindAll, (own + 1) * Math.max(1, this.#turns.waiting))
  }

  /**
   * The last call of the longest line that waits for what this one waits for, or else for anything of its Function, if that
   * is longer by two than its own would be.
   */
  lastOfLongest(call: ActiveCall): ActiveCall | null {
    const line = lineOf(call, call.route.target)
    const least = this.#queue.lengthOf(organizationOf(call), line) + 1
    return this.#queue.lastOfLongest(line, least) ?? this.#queue.lastOfLongest(call.route.target, least)
  }

  /** The call is counted in the load of its Function. It may have its turn before this returns. */
  enter(call: ActiveCall): void {
    this.#queue.enter(call, organizationOf(call), lineOf(call, call.route.target))
    this.#series.add('waiting', 1)
    this.#tell()
    // A slot may have been freed before it was seen that somebody waits. Where others wait, they saw it.
    if (isFirst(call) && tryPlace(call)) proceed(call)
  }

  /** A call does not wait any more, whyever. */
  leave(call: ActiveCall): void {
    this.#series.add('waiting', -1)
    this.#queue.leave(call)
    this.#tell()
  }

  /** A slot was given back on this thread. */
  released(): void {
    if (this.#turns.waiting === 0 || !this.#turns.draw()) return
    this.#slots++
    if (this.#isDue) return
    this.#isDue = true
    // Not at once: the attempt that ended is still being settled, and others may end with it.
    queueMicrotask(this.#serve)
  }

  close(): void {
    if (this.#look !== null) clearInterval(this.#look)
  }

  readonly #serve = (): void => {
    this.#isDue = false
    let slots = this.#slots + this.#turns.takeOffers()
    this.#slots = 0
    const isOpen = this.#turns.takeOpen()
    while (slots > 0 && this.#serveNext()) slots--
    if (slots > 0) this.#turns.pass()
    else if (isOpen) this.#fill()
  }

  #fill(): void {
    while (this.#serveNext());
  }

  #serveNext(): boolean {
    const call = this.#queue.take(tryPlace, PATIENCE)
    if (call === null) return false
    proceed(call)
    return true
  }

  /** Lets the other threads know how many organizations wait here. */
  #tell(): void {
    for (; this.#told < this.#queue.organizations; this.#told++) this.#turns.organizationCame()
    for (; this.#told > this.#queue.organizations; this.#told--) this.#turns.organizationLeft()
    if (this.#told > 0) {
      this.#look ??= setInterval(() => this.#fill(), LOOK_MS).unref()
    } else if (this.#look !== null) {
      clearInterval(this.#look)
      this.#look = null
    }
  }
}

/** Whose turn it is that a call takes. */
function organizationOf(call: ActiveCall): string {
  return call.principal?.organization ?? call.route.organization
}

/** Nobody stood before it, on any thread, who would have taken the slot that it would take. */
function isFirst(call: ActiveCall): boolean {
  const { load } = call.route.target
  return (isPicky(call) ? load.waiting : load.waitingForAny) === 1
}
