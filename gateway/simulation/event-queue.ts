/** Something that happens at a moment. */
export interface Timed {
  /** Milliseconds since 1970. */
  readonly at: number
}

interface Entry<Item> {
  readonly item: Item
  readonly order: number
}

/** What is still to happen, the earliest first; of two at the same moment the one that was added first. A binary heap. */
export class EventQueue<Item extends Timed> {
  readonly #heap: Entry<Item>[] = []
  #added = 0

  /** When the next one happens; infinite when there is none. */
  get nextAt(): number {
    return this.#heap[0]?.item.at ?? Number.POSITIVE_INFINITY
  }

  add(item: Item): void {
    const heap = this.#heap
    const entry = { item, order: this.#added++ }
    let at = heap.length
    heap.push(entry)
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!isBefore(entry, heap[above]!)) break
      heap[at] = heap[above]!
      at = above
    }
    heap[at] = entry
  }

  /** Takes out the earliest; null when there is none. */
  take(): Item | null {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined) return null
    if (heap.length > 0) this.#sink(last)
    return first.item
  }

  #sink(entry: Entry<Item>): void {
    const heap = this.#heap
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++
      if (!isBefore(heap[below]!, entry)) break
      heap[at] = heap[below]!
      at = below
    }
    heap[at] = entry
  }
}

function isBefore<Item extends Timed>(one: Entry<Item>, other: Entry<Item>): boolean {
  return one.item.at < other.item.at || (one.item.at === other.item.at && one.order < other.order)
}
