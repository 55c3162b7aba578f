import type { SharedCells } from '../contract/shared-cells.ts'
import type { SharedMemory } from './shared-memory.ts'

const TOTAL = 0
const NEWEST_SLICE = 1
const WINDOW_MS = 2
const EVER_SETTLED = 3
const FIRST_SLICE = 4

/** Parts of a window that age one by one. */
const SLICES = 60
/** Slices that are kept: those of a window, the running one, and room for threads that are a little late. */
const RING = 64
const FIRST_THREAD = FIRST_SLICE + RING

/** A slice is one word: the lap around the ring in which it was begun, and above nothing the amount. */
const AMOUNT_BITS = 53n
const AMOUNT_MASK = (1n << AMOUNT_BITS) - 1n
const LAPS = 1024

const WORD = 2
const PREFIX = 'rolling:'

/** An amount that was used. */
export interface Use {
  /** Milliseconds since 1970, to a 60th of the window. */
  readonly atMs: number
  readonly amount: number
}

/**
 * What is used within a rolling window of time, exact over any number of threads, with a limit that no window of that
 * length ever passes: money per hour, calls per second. Amounts are whole numbers.
 *
 * Using is two steps. `tryReserve` takes the most that it may come to, `settle` replaces that by what it was. What is
 * reserved counts for as long as it is open; what is settled counts from that moment for a window and up to a 60th
 * more. So at every moment *t* the whole amount of whatever ran at any time in [t − window, t] is within the limit,
 * however its use was spread over its life.
 *
 * One word holds the total of both and decides by compareExchange. Settled amounts lie in slices of a 60th of the
 * window; the first thread that comes into a new slice takes the aged ones out of the total, each with one
 * compareExchange. Whatever is odd makes the total too high for a while, never too low: a clock that is set back (nothing
 * ages until it has caught up), a slice last used 1024 laps ago to the minute. Each step that belongs to another follows
 * it without a call or a loop between them, because only there does a thread end that is told to.
 */
export class RollingTotal {
  readonly #cells: BigInt64Array
  readonly #thread: number
  readonly #sliceMs: number
  /** The newest slice that this thread knows of. */
  #slice = 0

  /** @param thread Index of the thread that uses it. */
  private constructor(cells: BigInt64Array, thread: number, windowMs: number) {
    this.#cells = cells
    this.#thread = FIRST_THREAD + thread
    this.#sliceMs = windowMs / SLICES
  }

  /**
   * @param key Names the total among all of the process. @param threads Number of threads that use it.
   * @param thread Index of this one. @param windowMs Whole milliseconds.
   */
  static claim(
    cells: SharedCells,
    key: string,
    threads: number,
    thread: number,
    windowMs: number,
  ): RollingTotal {
    const words = wide(cells.claim(PREFIX + key, (FIRST_THREAD + threads) * WORD))
    Atomics.store(words, WINDOW_MS, BigInt(windowMs))
    return new RollingTotal(words, thread, windowMs)
  }

  /** What counts at this moment, reserved and settled. */
  total(now: number): number {
    this.#age(now)
    return Number(Atomics.load(this.#cells, TOTAL))
  }

  /** What all threads have reserved and not settled. */
  get reserved(): number {
    let sum = 0n
    for (let at = FIRST_THREAD; at < this.#cells.length; at++) sum += Atomics.load(this.#cells, at)
    return Number(sum)
  }

  /** All that was ever settled; never falls. */
  get everSettled(): number {
    return Number(Atomics.load(this.#cells, EVER_SETTLED))
  }

  /** Whether `tryReserve` would take an amount at this moment. */
  hasRoom(amount: number, limit: number, now: number): boolean {
    return limit > 0 && this.total(now) + amount <= limit
  }

  /**
   * Takes an amount if the total stays within the limit. A limit of 0 lets nothing pass, not even what costs nothing.
   *
   * @param now Milliseconds since 1970.
   */
  tryReserve(amount: number, limit: number, now: number): boolean {
    if (limit <= 0 || amount > limit) return false
    this.#age(now)
    const cells = this.#cells
    const wanted = BigInt(amount)
    const most = BigInt(limit) - wanted
    let total = Atomics.load(cells, TOTAL)
    while (total <= most) {
      const before = Atomics.compareExchange(cells, TOTAL, total, total + wanted)
      if (before === total) {
        Atomics.add(cells, this.#thread, wanted)
        return true
      }
      total = before
    }
    return false
  }

  /** Takes an amount that is owed already, limit or not. */
  reserve(amount: number): void {
    const owed = BigInt(amount)
    Atomics.add(this.#cells, TOTAL, owed)
    Atomics.add(this.#cells, this.#thread, owed)
  }

  /**
   * Replaces what this thread has reserved by what was used: all of it once, in one piece or several.
   *
   * @param used More than what was reserved is counted too, and may pass the limit.
   */
  settle(reserved: number, used: number, now: number): void {
    this.#age(now)
    this.#settle(BigInt(reserved), BigInt(used), this.#thread)
  }

  /** All that counts at this moment, the oldest first. What is reserved is given as used now. */
  uses(now: number): Use[] {
    this.#age(now)
    const uses: Use[] = []
    for (let slice = this.#slice - SLICES; slice <= this.#slice; slice++) {
      const index = slice % RING
      const held = Atomics.load(this.#cells, FIRST_SLICE + index)
      const isOfThisSlice = held !== 0n && ageOf(held, index, slice) === 0
      if (isOfThisSlice) uses.push({ atMs: slice * this.#sliceMs, amount: Number(held & AMOUNT_MASK) })
    }
    const { reserved } = this
    if (reserved > 0) uses.push({ atMs: now, amount: reserved })
    return uses
  }

  /** Counts uses of another life of the process. To be called before any thread uses this total. */
  restore(uses: readonly Use[], now: number): void {
    this.#age(now)
    for (const { atMs, amount } of uses) {
      const slice = Math.min(this.#slice, Math.floor(atMs / this.#sliceMs))
      if (this.#slice - slice > SLICES) continue
      const at = FIRST_SLICE + (slice % RING)
      const held = Atomics.load(this.#cells, at) & AMOUNT_MASK
      Atomics.store(this.#cells, at, (BigInt(lapOf(slice)) << AMOUNT_BITS) + held + BigInt(amount))
      Atomics.add(this.#cells, TOTAL, BigInt(amount))
    }
  }

  /** What a thread that is dead had reserved counts as used now: nobody can say what became of it. */
  forfeit(now: number): void {
    this.#age(now)
    const held = Atomics.load(this.#cells, this.#thread)
    if (held !== 0n) this.#settle(held, held, this.#thread)
  }

  #settle(reserved: bigint, used: bigint, thread: number): void {
    const cells = this.#cells
    const at = FIRST_SLICE + (this.#slice % RING)
    const empty = BigInt(lapOf(this.#slice)) << AMOUNT_BITS
    let aged = 0n
    let held = Atomics.load(cells, at)
    while (used !== 0n) {
      const isOver = held === 0n || ageOf(held, at - FIRST_SLICE, this.#slice) > 0
      aged = isOver ? held & AMOUNT_MASK : 0n
      const before = Atomics.compareExchange(cells, at, held, (isOver ? empty : held) + used)
      if (before === held) break
      held = before
    }
    Atomics.add(cells, TOTAL, used - reserved - aged)
    Atomics.sub(cells, thread, reserved)
    Atomics.add(cells, EVER_SETTLED, used)
  }

  /** Takes what is older than a window out of the total, once for each slice and not once for each thread. */
  #age(now: number): void {
    const slice = Math.floor(now / this.#sliceMs)
    if (slice <= this.#slice) return
    const cells = this.#cells
    let newest = Atomics.load(cells, NEWEST_SLICE)
    while (newest < slice) {
      const before = Atomics.compareExchange(cells, NEWEST_SLICE, newest, BigInt(slice))
      if (before === newest) {
        this.#slice = slice
        this.#sweep(slice)
        return
      }
      newest = before
    }
    this.#slice = Number(newest)
  }

  #sweep(slice: number): void {
    const cells = this.#cells
    for (let index = 0; index < RING; index++) {
      const at = FIRST_SLICE + index
      const held = Atomics.load(cells, at)
      if (held === 0n || ageOf(held, index, slice) <= SLICES) continue
      if (Atomics.compareExchange(cells, at, held, 0n) === held) {
        Atomics.sub(cells, TOTAL, held & AMOUNT_MASK)
      }
    }
  }

  /** A view for the index of a dead thread. */
  static #of(piece: Int32Array, thread: number): RollingTotal {
    const words = wide(piece)
    return new RollingTotal(words, thread, Number(Atomics.load(words, WINDOW_MS)))
  }

  /**
   * Counts as used what a dead thread had reserved, in every configuration that is still in memory. Called on the main
   * thread, before another takes the index of the dead one.
   */
  static forfeitAllOf(thread: number, memory: SharedMemory, now: number): void {
    for (const piece of memory.piecesOf(PREFIX)) RollingTotal.#of(piece, thread).forfeit(now)
  }
}

function wide(piece: Int32Array): BigInt64Array {
  return new BigInt64Array(piece.buffer, piece.byteOffset, piece.length / WORD)
}

function lapOf(slice: number): number {
  return Math.floor(slice / RING) % LAPS
}

/** How many slices ago a word was begun; negative when another thread has begun it ahead of this one. */
function ageOf(word: bigint, index: number, slice: number): number {
  const laps = (lapOf(slice) - Number(word >> AMOUNT_BITS) + LAPS) % LAPS
  return (laps === LAPS - 1 ? -1 : laps) * RING + (slice % RING) - index
}
