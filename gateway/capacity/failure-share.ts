import type { SharedCells } from '../contract/shared-cells.ts'

const BUCKETS = 5
const BUCKET_MS = 2000

const STAMP = 0
const ATTEMPTS = 1
const FAILURES = 2
const WORDS_PER_BUCKET = 3

/** Attempts below which a share of failures says nothing. */
const ATTEMPTS_TO_JUDGE = 10
/** More than this share of the attempts of 10 s has failed: too many. */
const FAILURE_SHARE = 0.5

/**
 * Share of the attempts of the last 10 s that failed, over all threads. The window moves in steps of 2 s. A bucket is
 * emptied by the first thread that comes to it; what others count at that very moment may be lost, which is as good as
 * a call that came a moment earlier.
 */
export class FailureShare {
  readonly #cells: Int32Array

  constructor(cells: SharedCells, key: string) {
    this.#cells = cells.claim(`failures:${key}`, BUCKETS * WORDS_PER_BUCKET)
  }

  /** @param elapsedMs Since the gateway started. */
  succeeded(elapsedMs: number): void {
    Atomics.add(this.#cells, this.#bucket(elapsedMs) + ATTEMPTS, 1)
  }

  /** Tells whether too many of the last attempts failed, this one included. */
  failed(elapsedMs: number): boolean {
    const bucket = this.#bucket(elapsedMs)
    Atomics.add(this.#cells, bucket + ATTEMPTS, 1)
    Atomics.add(this.#cells, bucket + FAILURES, 1)
    return this.#isTooHigh(elapsedMs)
  }

  /** Forgets what was counted. */
  clear(): void {
    for (let at = 0; at < BUCKETS * WORDS_PER_BUCKET; at++) Atomics.store(this.#cells, at, 0)
  }

  #isTooHigh(elapsedMs: number): boolean {
    const oldest = stampOf(elapsedMs) - BUCKETS
    let attempts = 0
    let failures = 0
    for (let at = 0; at < BUCKETS * WORDS_PER_BUCKET; at += WORDS_PER_BUCKET) {
      if (Atomics.load(this.#cells, at + STAMP) <= oldest) continue
      attempts += Atomics.load(this.#cells, at + ATTEMPTS)
      failures += Atomics.load(this.#cells, at + FAILURES)
    }
    return attempts >= ATTEMPTS_TO_JUDGE && failures > attempts * FAILURE_SHARE
  }

  /** Where the bucket of this moment begins; empty when it is a new one. */
  #bucket(elapsedMs: number): number {
    const stamp = stampOf(elapsedMs)
    const at = (stamp % BUCKETS) * WORDS_PER_BUCKET
    const before = this.#cells[at + STAMP]!
    if (before < stamp && Atomics.compareExchange(this.#cells, at + STAMP, before, stamp) === before) {
      Atomics.store(this.#cells, at + ATTEMPTS, 0)
      Atomics.store(this.#cells, at + FAILURES, 0)
    }
    return at
  }
}

/** Number of the bucket since the gateway started, from 1: zero is a cell that nobody has written. */
function stampOf(elapsedMs: number): number {
  return 1 + Math.max(0, Math.floor(elapsedMs / BUCKET_MS))
}
