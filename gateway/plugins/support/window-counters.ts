/** Slots that a key may live in: one cache line of owners. */
const WAYS = 16
/** Words before the slots; the first is the window that was last begun. */
const HEADER = 16
const COUNT_BITS = 20
const COUNT_MASK = (1 << COUNT_BITS) - 1
const FINGERPRINT_MASK = (1 << 24) - 1
/** Windows until the mark of an owner comes again; odd, so that mark and tag together come again after a million windows. */
const MARKS = 251

/** Greatest limit that can be counted to. */
export const MAX_LIMIT = 1_000_000

/** The key was not there, and a newer window has begun meanwhile. */
const LATE = -1

/**
 * Counts per key and window of time, exactly, for any number of threads on the same memory: within a window no key is
 * ever granted more than the limit. Windows are fixed and aligned to the clock, so up to twice the limit may pass
 * within one window's length around a boundary.
 *
 * A slot is two words. The *owner* holds the fingerprint of the key (24 bits, beside those that choose the set) and a
 * mark of the window it was claimed in; the *count* holds the number and the window that was counted in. What belongs
 * to another window than the current one is dead, so nothing is ever cleaned up and a slot is claimed with one
 * compareExchange. Why this is exact: all threads scan a set in the same order and claim the first dead slot; within a
 * window slots only go from dead to live; so two claims of one key meet at the same slot, and one of them fails. A thread
 * that is late by a window finds that out by the header before it claims, and begins again in the new one. After 251
 * windows a mark comes again: a thread that was put aside within a take for just so long, or across a boundary while
 * its key was last seen just so long ago, can make one key's count begin again.
 *
 * When all slots of a set are live, the newcomer takes the one with the smallest count and goes on from that count
 * (Metwally and others, "Efficient Computation of Frequent and Top-k Elements", 2005: Space-Saving). So a flood of keys
 * makes newcomers be refused early; it lets nobody exceed the limit, except by as many calls as threads meet in the
 * very act of taking over.
 */
export class WindowCounters {
  readonly limit: number
  readonly windowMs: number
  readonly #now: () => number
  readonly #words: Int32Array
  readonly #sets: number
  readonly #counts: number
  /** The window that this thread was last late for. */
  #newestMet = 0
  /** The window that this thread has counted in last. */
  #takenIn = 0

  /** @param words Shared memory of `WindowCounters.words` words. */
  constructor(words: Int32Array, limit: number, windowMs: number, now: () => number) {
    this.limit = limit
    this.windowMs = windowMs
    this.#now = now
    this.#words = words
    this.#sets = (words.length - HEADER) / (2 * WAYS)
    this.#counts = HEADER + this.#sets * WAYS
  }

  /**
   * Words of memory for so many keys in one window. There is room for twice as many, because keys spread unevenly: at
   * `keys` one set in 270 is overfull, at half of it one in a million.
   */
  static words(keys: number): number {
    const sets = 2 ** Math.max(0, Math.ceil(Math.log2((2 * keys) / WAYS)))
    return HEADER + 2 * WAYS * sets
  }

  /**
   * Counts one more if that keeps within the limit, else nothing.
   *
   * @param low Chooses the set, `high` the fingerprint: a hash that is the same on all threads.
   * @param nowMs The time, from the clock that was given.
   */
  take(low: number, high: number, nowMs: number): boolean {
    let at = nowMs
    for (;;) {
      const window = Math.floor(at / this.windowMs)
      const owner = ownerOf(high, window)
      let slot = this.#find(low, owner)
      if (slot < 0) slot = this.#claim(low, owner, window)
      const granted = slot < 0 ? LATE : this.#count(slot, owner, window)
      this.#takenIn = window
      if (granted !== LATE) return granted === 1
      at = this.#now()
    }
  }

  /** Takes back what the last `take` of this thread has counted, which was for the same key: another limit refused. */
  giveBack(low: number, high: number): void {
    const window = this.#takenIn
    const slot = this.#find(low, ownerOf(high, window))
    if (slot < 0) return
    for (;;) {
      const count = Atomics.load(this.#words, this.#counts + slot)
      if (usedOf(count, window) === 0 || this.#replaceCount(slot, count, count - 1)) return
    }
  }

  /** How much of the limit the key has used in the current window. */
  used(low: number, high: number, nowMs: number): number {
    const window = Math.floor(nowMs / this.windowMs)
    const slot = this.#find(low, ownerOf(high, window))
    return slot < 0 ? 0 : usedOf(Atomics.load(this.#words, this.#counts + slot), window)
  }

  /** Whole seconds until the current window ends, rounded up: at least 1. */
  secondsLeft(nowMs: number): number {
    return Math.ceil((this.windowMs - (nowMs % this.windowMs)) / 1000)
  }

  /** Plain reads, because an Atomics.load takes 8 ns; a slot that another thread writes just now is left to the claim. */
  #find(low: number, owner: number): number {
    const first = this.#firstSlot(low)
    for (let slot = first; slot < first + WAYS; slot++) if (this.#words[HEADER + slot] === owner) return slot
    return -1
  }

  #claim(low: number, owner: number, window: number): number {
    const words = this.#words
    const begun = window | 0
    const first = this.#firstSlot(low)
    for (;;) {
      const newest = Atomics.load(words, 0)
      if (newest !== begun) {
        // Still older after a second look at the clock means that the clock was set back.
        if (((newest - begun) | 0) > 0 && newest !== this.#newestMet) {
          this.#newestMet = newest
          return LATE
        }
        Atomics.compareExchange(words, 0, newest, begun)
        continue
      }
      let victim = -1
      let seen = 0
      let least = COUNT_MASK + 1
      for (let slot = first; slot < first + WAYS && least >= 0; slot++) {
        // The count before the owner: a count of now tells that the owner, read after it, is of now as well.
        const used = usedOf(Atomics.load(words, this.#counts + slot), window)
        const other = Atomics.load(words, HEADER + slot)
        if (other === owner) return slot
        const rank = used === 0 && other >>> 24 !== owner >>> 24 ? -1 : used
        if (victim >= 0 && rank >= least) continue
        victim = slot
        seen = other
        least = rank
      }
      if (Atomics.load(words, 0) !== begun) continue
      if (Atomics.compareExchange(words, HEADER + victim, seen, owner) === seen) return victim
    }
  }

  /** 1 when counted, 0 when the limit is reached, LATE when the slot was taken over for a newer window. */
  #count(slot: number, owner: number, window: number): number {
    for (;;) {
      const count = Atomics.load(this.#words, this.#counts + slot)
      const used = usedOf(count, window)
      if (used >= this.limit) return 0
      if (used === 0 && Atomics.load(this.#words, HEADER + slot) !== owner) return LATE
      if (this.#replaceCount(slot, count, (tagOf(window) << COUNT_BITS) | (used + 1))) return 1
    }
  }

  #replaceCount(slot: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#words, this.#counts + slot, from, to) === from
  }

  #firstSlot(low: number): number {
    return (low & (this.#sets - 1)) * WAYS
  }
}

/** Never 0, so that fresh memory belongs to nobody. */
function ownerOf(high: number, window: number): number {
  return (((window % MARKS) + 1) << 24) | (high & FINGERPRINT_MASK)
}

function tagOf(window: number): number {
  return window & ((1 << (32 - COUNT_BITS)) - 1)
}

/** The number in a count word, 0 when it is of another window. */
function usedOf(count: number, window: number): number {
  return count >>> COUNT_BITS === tagOf(window) ? count & COUNT_MASK : 0
}
