import type { SyncRecord } from './ownership.ts'

/** What the record says to a gateway: write, or leave it to another. */
export type Standing =
  /** Nobody has a newer configuration; the record is written before anything else. */
  | 'leads'
  /** The same configuration as whoever wrote last: what differs is put right, by whoever sees it first. */
  | 'agrees'
  /** Another gateway has a newer configuration. */
  | 'passive'

/** A record that was read is believed for so long. */
const BELIEVED_MS = 1000

/** Where a gateway with this configuration stands. Of two that are equally new, the one with the greater digest leads. */
export function standingOf(mine: SyncRecord, record: SyncRecord | null): Standing {
  if (record === null) return 'leads'
  if (record.state === mine.state) return 'agrees'
  if (record.generation !== mine.generation) return record.generation > mine.generation ? 'passive' : 'leads'
  return record.state > mine.state ? 'passive' : 'leads'
}

/**
 * Asked before each write. Kong has no compare-and-swap, so a gateway that was paused must look before it goes on: what
 * was read longer ago than a second is read again. What slips through within that second is repaired by the leader.
 */
export class Leadership {
  readonly #mine: SyncRecord
  readonly #read: () => Promise<SyncRecord | null>
  readonly #now: () => number
  #readAt: number
  #reading: Promise<void> | null = null
  #standing: Standing

  /** @param record As it was read just now. */
  constructor(
    mine: SyncRecord,
    record: SyncRecord | null,
    read: () => Promise<SyncRecord | null>,
    now: () => number,
  ) {
    this.#mine = mine
    this.#read = read
    this.#now = now
    this.#readAt = now()
    this.#standing = standingOf(mine, record)
  }

  get standing(): Standing {
    return this.#standing
  }

  async mayWrite(): Promise<boolean> {
    if (this.#standing !== 'passive' && this.#now() - this.#readAt > BELIEVED_MS) {
      this.#reading ??= this.#readAgain().finally(() => {
        this.#reading = null
      })
      await this.#reading
    }
    return this.#standing !== 'passive'
  }

  async #readAgain(): Promise<void> {
    const readAt = this.#now()
    this.#standing = standingOf(this.#mine, await this.#read())
    this.#readAt = readAt
  }
}
