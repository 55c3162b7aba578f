import type { SharedCells } from '../contract/shared-cells.ts'
import type { SharedMemory } from './shared-memory.ts'

/** Slots that a key may live in. */
const WAYS = 16
/** Word before the sets: number of threads. */
const HEADER = 1

/** A set: a lock, then its slots. A slot: the key, how often it is held, and how often by each thread. */
const LOCK = 0
const LOW = 0
const HIGH = 1
const HELD = 2
const FIRST_THREAD = 3

const PREFIX = 'held-by-key:'
const NOBODY = 0
const FULL = -1
/** Looks at a lock before the thread goes to sleep for it. A lock is held for a tenth of a microsecond. */
const SPINS = 1000

/**
 * Counts by key what all threads hold at once, exactly: no key ever holds more than the limit, on any number of threads,
 * and none is refused while it holds less, as long as its set has room. What a dead thread held is given back.
 *
 * The memory is bounded: a key has a slot while it holds something. When the slots of its set are all taken by other
 * keys, a newcomer is refused and nobody else notices; who can make up keys can so keep out others that hold nothing
 * yet, and only at random. Taking happens under the lock of the set, so that a key never gets two slots; giving back
 * needs no lock, because a slot stays with its key while it is held.
 */
export class HeldByKey {
  readonly #words: Int32Array
  readonly #thread: number
  readonly #stride: number
  readonly #setWords: number
  readonly #sets: number

  /** @param words A piece of memory that begins with the number of threads. */
  private constructor(words: Int32Array, thread: number) {
    this.#words = words
    this.#thread = thread
    this.#stride = FIRST_THREAD + words[0]!
    this.#setWords = 1 + WAYS * this.#stride
    this.#sets = (words.length - HEADER) / this.#setWords
  }

  /**
   * @param key Names the counts among all of the process. @param threads Number of threads that may hold something.
   * @param thread Index of this one.
   * @param keys Keys that may hold something at once. There is room for twice as many, because they spread unevenly: at
   *   `keys` one set in 270 is full, at half of it one in a million.
   */
  static claim(cells: SharedCells, key: string, keys: number, threads: number, thread: number): HeldByKey {
    const sets = 2 ** Math.max(0, Math.ceil(Math.log2((2 * keys) / WAYS)))
    const words = cells.claim(PREFIX + key, HEADER + sets * (1 + WAYS * (FIRST_THREAD + threads)))
    Atomics.store(words, 0, threads)
    return new HeldByKey(words, thread)
  }

  /**
   * Takes one for a key unless it holds as many as the limit.
   *
   * @param low Chooses the set; with `high` the key itself: a hash of 64 bits that is the same on all threads.
   * @returns What `giveBack` takes, exactly once; negative when there is none.
   */
  tryTake(low: number, high: number, limit: number): number {
    const set = this.#lock(low)
    const slot = this.#slotFor(set, low | 0, high | 0)
    const mayHold = slot !== FULL && Atomics.load(this.#words, slot + HELD) < limit
    if (mayHold) {
      Atomics.add(this.#words, slot + HELD, 1)
      Atomics.add(this.#words, slot + FIRST_THREAD + this.#thread, 1)
    }
    Atomics.store(this.#words, set + LOCK, NOBODY)
    return mayHold ? slot : FULL
  }

  giveBack(taken: number): void {
    Atomics.sub(this.#words, taken + FIRST_THREAD + this.#thread, 1)
    Atomics.sub(this.#words, taken + HELD, 1)
  }

  /** How many a key holds at this moment. */
  held(low: number, high: number): number {
    const slot = this.#find(this.#setOf(low), low | 0, high | 0)
    return slot === FULL ? 0 : Atomics.load(this.#words, slot + HELD)
  }

  /** The slot of the key, or one that it takes over; to be asked under the lock of the set. */
  #slotFor(set: number, low: number, high: number): number {
    const known = this.#find(set, low, high)
    if (known !== FULL) return known
    const words = this.#words
    for (let way = 0; way < WAYS; way++) {
      const slot = set + 1 + way * this.#stride
      if (Atomics.load(words, slot + HELD) !== 0) continue
      Atomics.store(words, slot + LOW, low)
      Atomics.store(words, slot + HIGH, high)
      return slot
    }
    return FULL
  }

  #find(set: number, low: number, high: number): number {
    const words = this.#words
    for (let way = 0; way < WAYS; way++) {
      const slot = set + 1 + way * this.#stride
      if (words[slot + LOW] !== low || words[slot + HIGH] !== high) continue
      if (Atomics.load(words, slot + HELD) > 0) return slot
    }
    return FULL
  }

  #setOf(low: number): number {
    return HEADER + (low & (this.#sets - 1)) * this.#setWords
  }

  /** Where the set is, locked: with the index of this thread, so that it can be unlocked when the thread dies. */
  #lock(low: number): number {
    const words = this.#words
    const set = this.#setOf(low)
    for (let spins = 0; ; spins++) {
      const owner = Atomics.compareExchange(words, set + LOCK, NOBODY, this.#thread + 1)
      if (owner === NOBODY) return set
      if (spins > SPINS) Atomics.wait(words, set + LOCK, owner, 1)
    }
  }

  #release(): void {
    const words = this.#words
    for (let set = HEADER; set < words.length; set += this.#setWords) {
      for (let slot = set + 1; slot < set + this.#setWords; slot += this.#stride) {
        const held = Atomics.exchange(words, slot + FIRST_THREAD + this.#thread, 0)
        if (held !== 0) Atomics.sub(words, slot + HELD, held)
      }
      Atomics.compareExchange(words, set + LOCK, this.#thread + 1, NOBODY)
    }
  }

  /**
   * Gives back all that a dead thread held, in every configuration that is still in memory. Called on the main thread,
   * before another takes the index of the dead one.
   */
  static releaseAllOf(thread: number, memory: SharedMemory): void {
    for (const words of memory.piecesOf(PREFIX)) new HeldByKey(words, thread).#release()
  }
}
