import type { SharedCells } from '../contract/shared-cells.ts'
import { HeldCount } from './held-count.ts'

const FAILURES_IN_A_ROW = 0
const EJECTED_UNTIL = 1
const EJECTIONS = 2
const WORDS = 3

/** Failures in a row that eject a Deployment (Envoy's outlier detection has the same default). */
export const FAILURES_TO_EJECT = 5
/** Milliseconds of the first ejection; the n-th lasts n times as long, up to the cap. */
export const EJECTION_MS = 30_000
export const EJECTION_CAP_MS = 300_000

/**
 * What all threads know of one Deployment: calls in flight and health. Times in shared memory are tenths of a second
 * since the gateway's epoch, so that 32 bits last for years.
 */
export class DeploymentSlot {
  readonly #calls: HeldCount
  readonly #cells: Int32Array
  readonly #epoch: number

  /**
   * @param threads Number of threads that may call.
   * @param thread Index of this one.
   * @param epoch Milliseconds since 1970 when the gateway started; the same on every thread.
   */
  constructor(cells: SharedCells, key: string, threads: number, thread: number, epoch: number) {
    this.#calls = new HeldCount(cells, `deployment:${key}`, threads, thread)
    this.#cells = cells.claim(`health:${key}`, WORDS)
    this.#epoch = epoch
  }

  get inFlight(): number {
    return this.#calls.value
  }

  acquire(): void {
    this.#calls.acquire()
  }

  /** Exactly once for each acquire. */
  release(): void {
    this.#calls.release()
  }

  /** @param now Milliseconds since 1970. */
  isHealthy(now: number): boolean {
    return this.#isOver(Atomics.load(this.#cells, EJECTED_UNTIL), now)
  }

  /** The Deployment did its part, whatever status the function chose. */
  succeeded(now: number): void {
    if (Atomics.load(this.#cells, FAILURES_IN_A_ROW) !== 0) Atomics.store(this.#cells, FAILURES_IN_A_ROW, 0)
    if (Atomics.load(this.#cells, EJECTIONS) !== 0) this.#forgive(now)
  }

  /** The platform failed; tells whether this failure ejected the Deployment: of several threads one hears so. */
  failed(now: number): boolean {
    const failures = Atomics.add(this.#cells, FAILURES_IN_A_ROW, 1) + 1
    if (failures < FAILURES_TO_EJECT) return false
    const before = Atomics.load(this.#cells, EJECTED_UNTIL)
    if (!this.#isOver(before, now)) return false
    const times = Atomics.load(this.#cells, EJECTIONS) + 1
    const lastsMs = Math.min(EJECTION_MS * times, EJECTION_CAP_MS)
    const until = Math.ceil((now - this.#epoch + lastsMs) / 100)
    if (Atomics.compareExchange(this.#cells, EJECTED_UNTIL, before, until) !== before) return false
    Atomics.add(this.#cells, EJECTIONS, 1)
    Atomics.store(this.#cells, FAILURES_IN_A_ROW, 0)
    return true
  }

  #isOver(until: number, now: number): boolean {
    return until === 0 || now - this.#epoch >= until * 100
  }

  /** A Deployment that served well for as long as its last ejection lasted has one ejection less on its record. */
  #forgive(now: number): void {
    const times = Atomics.load(this.#cells, EJECTIONS)
    const until = Atomics.load(this.#cells, EJECTED_UNTIL)
    const lastedMs = Math.min(EJECTION_MS * times, EJECTION_CAP_MS)
    if (now - this.#epoch < until * 100 + lastedMs) return
    if (Atomics.compareExchange(this.#cells, EJECTIONS, times, times - 1) !== times) return
    Atomics.compareExchange(
      this.#cells,
      EJECTED_UNTIL,
      until,
      times === 1 ? 0 : Math.floor((now - this.#epoch) / 100),
    )
  }
}
