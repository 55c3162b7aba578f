import type { SharedCells } from '../contract/shared-cells.ts'
import { ComebackSchedule } from './comeback-schedule.ts'
import { DurationPercentile } from './duration-percentile.ts'
import { HeldCount } from './held-count.ts'
import { RUNNING_MEAN_WORDS, RunningMean } from './running-mean.ts'
import { ServicePace } from './service-pace.ts'

/** Calls over which durations are averaged. */
const MEMORY = 64

/** What all threads know of the load of one Function: calls that wait, how fast they get their turn, how long they take. */
export class FunctionLoad {
  /** Calls that wait for a free slot. */
  readonly #waiting: HeldCount
  /** Those of them that any slot of the Function suits. */
  readonly #unpicky: HeldCount
  readonly #pace: ServicePace
  readonly #comebacks: ComebackSchedule
  readonly #held: RunningMean
  readonly #toHead: RunningMean
  readonly #percentile: DurationPercentile

  /**
   * @param key Names the Function among all of the process.
   * @param threads Number of threads that serve calls.
   * @param thread Index of this one.
   */
  constructor(cells: SharedCells, key: string, threads: number, thread: number) {
    this.#waiting = new HeldCount(cells, `waiting:${key}`, threads, thread)
    this.#unpicky = new HeldCount(cells, `unpicky:${key}`, threads, thread)
    this.#pace = new ServicePace(cells, key)
    this.#comebacks = new ComebackSchedule(cells, key)
    const means = cells.claim(`durations:${key}`, 2 * RUNNING_MEAN_WORDS)
    this.#held = new RunningMean(means.subarray(0, RUNNING_MEAN_WORDS), MEMORY)
    this.#toHead = new RunningMean(means.subarray(RUNNING_MEAN_WORDS), MEMORY)
    this.#percentile = new DurationPercentile(cells, key)
  }

  /** Calls that wait, on all threads. */
  get waiting(): number {
    return this.#waiting.value
  }

  /** Those of them that take any slot: who comes later and takes any slot too stands behind them. */
  get waitingForAny(): number {
    return this.#unpicky.value
  }

  /** Milliseconds that a call holds its slot, on average; 0 while none is known. */
  get heldMs(): number {
    return this.#held.value
  }

  /** Milliseconds from the start of an attempt to the head of its answer, on average; 0 while none is known. */
  get toHeadMs(): number {
    return this.#toHead.value
  }

  /** 95th percentile of the same; null while too little is known. */
  get p95Ms(): number | null {
    return this.#percentile.p95Ms
  }

  /** Calls per second that get their turn while some wait; 0 while nothing is known. */
  get drainPerSecond(): number {
    const { intervalMs } = this.#pace
    return intervalMs === 0 ? 0 : 1000 / intervalMs
  }

  /**
   * Counts a call that is to wait, unless `most` do. Each yes is paired with one `left`.
   *
   * @param picky It does not take any slot of the Function: its caller asked for something.
   * @param inFlight Calls that the Deployments of the Function serve: with their duration a guess of the pace.
   */
  tryWait(most: number, picky: boolean, inFlight: number, now: number): boolean {
    if (!this.#waiting.tryAcquire(most)) return false
    if (!picky) this.#unpicky.acquire()
    if (this.#waiting.value === 1) this.#pace.began(inFlight === 0 ? 0 : this.heldMs / inFlight, now)
    return true
  }

  /** A call waits no more, whyever. */
  left(picky: boolean): void {
    if (!picky) this.#unpicky.release()
    this.#waiting.release()
  }

  /** A call that waited got its slot. */
  served(now: number): void {
    this.#pace.served(now)
  }

  /** The head of an answer is there. @param ms Since the start of the attempt. */
  answered(ms: number, now: number): void {
    this.#toHead.observe(ms)
    this.#percentile.observe(ms, now)
  }

  /** A slot of the Function is free again. @param ms For which it was held. */
  released(ms: number): void {
    this.#held.observe(ms)
  }

  /** Milliseconds that a call at this position will wait, 1 for the next; 0 while nothing is known. */
  predictMs(position: number, now: number): number {
    return this.#pace.predictMs(position, this.heldMs, now)
  }

  /**
   * Seconds after which a call that is refused now should come back, from 1 to 30.
   *
   * @param inFlight Calls that the Deployments of the Function serve.
   * @param random From 0 below 1.
   */
  retryAfterSeconds(inFlight: number, now: number, random: number): number {
    const measured = this.#pace.intervalMs
    const intervalMs = measured > 0 ? measured : this.heldMs / Math.max(1, inFlight)
    return this.#comebacks.bookSeconds(intervalMs, this.waiting, now, random)
  }
}

const PRIVATE: SharedCells = { claim: (_, words) => new Int32Array(new SharedArrayBuffer(words * 4)) }

/** Of what is never called. */
export const NO_LOAD = new FunctionLoad(PRIVATE, '', 1, 0)
