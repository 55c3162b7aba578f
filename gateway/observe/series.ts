import type { CallOutcome, Outcome } from '../contract/outcome.ts'
import type { SharedCells } from '../contract/shared-cells.ts'
import { countIndex, OUTCOME_INDEX } from './call-outcomes.ts'
import { observe } from './histogram.ts'
import {
  BACKEND_BLOCK,
  type BlockLayout,
  backendKey,
  COUNTS_BLOCK,
  claimBlocks,
  countsKey,
  ROUTE_BLOCK,
  routeKey,
  THREAD_BLOCK,
  threadKey,
} from './series-blocks.ts'

/** Label of all routes beyond the number that have one of their own. */
export const OTHER_ROUTES = 'other'
/** Label of calls that no route took. */
export const NO_ROUTE = 'none'

/**
 * The labels of routes, in the order of the configuration: the first `most` keep their name, the rest share one, so
 * that the number of series is bounded whatever is configured. Nothing of a request ever becomes a label.
 */
export function labelRoutes(names: readonly string[], most: number): string[] {
  return names.map((name, index) => (index < most ? name : OTHER_ROUTES))
}

/** Makes the series of one thread's routes: one factory for each Snapshot. Routes with one label share their numbers. */
export class SeriesFactory {
  readonly #cells: SharedCells
  readonly #threads: number
  readonly #thread: number
  readonly #blocks = new Map<string, Float64Array>()

  /** @param thread Index of the thread that records, below `threads`. */
  constructor(cells: SharedCells, threads: number, thread: number) {
    this.#cells = cells
    this.#threads = threads
    this.#thread = thread
  }

  /** @param backends Names in the order of the indexes that the series gets. */
  route(label: string, backends: readonly string[]): RouteSeries {
    return new RouteSeries(
      this.#block(routeKey(label), ROUTE_BLOCK),
      backends.map((backend) => this.#block(countsKey(backend, label), COUNTS_BLOCK)),
      backends.map((backend) => this.#block(backendKey(backend), BACKEND_BLOCK)),
      this.#block(threadKey, THREAD_BLOCK),
    )
  }

  #block(key: string, layout: BlockLayout): Float64Array {
    const known = this.#blocks.get(key)
    if (known !== undefined) return known
    const block = claimBlocks(this.#cells, key, layout, this.#threads)[this.#thread]!
    this.#blocks.set(key, block)
    return block
  }
}

/** The numbers of one route on one thread. Recording is a dozen plain additions: no lock, no allocation. */
export class RouteSeries {
  readonly #route: Float64Array
  readonly #counts: readonly Float64Array[]
  readonly #backends: readonly Float64Array[]
  readonly #thread: Float64Array

  constructor(
    route: Float64Array,
    counts: readonly Float64Array[],
    backends: readonly Float64Array[],
    thread: Float64Array,
  ) {
    this.#route = route
    this.#counts = counts
    this.#backends = backends
    this.#thread = thread
  }

  /**
   * Counts a call that is over.
   *
   * @param backend Index of the backend of the last attempt; any other number when none of the route's served it.
   * @param accessMs From the head of the request until access was granted or refused.
   * @param upstreamMs From there to the head of the answer or the last failure, without `waitedMs`: every attempt.
   * @param totalMs From the head of the request to the last byte of the answer.
   * @param bytesIn Bytes of the request body.
   * @param bytesOut Bytes of the body that the client got.
   * @param waitedMs Waiting for free slots.
   */
  record(
    backend: number,
    outcome: CallOutcome,
    status: number,
    accessMs: number,
    upstreamMs: number,
    totalMs: number,
    bytesIn: number,
    bytesOut: number,
    waitedMs = 0,
  ): void {
    const route = this.#route
    observe(route, ROUTE_BLOCK.duration, totalMs)
    route[ROUTE_BLOCK.bytesIn]! += bytesIn
    route[ROUTE_BLOCK.bytesOut]! += bytesOut
    const thread = this.#thread
    observe(thread, THREAD_BLOCK.phase.access, accessMs)
    if (waitedMs > 0) observe(thread, THREAD_BLOCK.phase.queue, waitedMs)
    const counts = this.#counts
    if (backend < 0 || backend >= counts.length) {
      route[ROUTE_BLOCK.counts + countIndex(outcome, status)]! += 1
      return
    }
    counts[backend]![countIndex(outcome, status)]! += 1
    observe(thread, THREAD_BLOCK.phase.upstream, upstreamMs)
    observe(thread, THREAD_BLOCK.phase.relay, totalMs - accessMs - waitedMs - upstreamMs)
  }

  /**
   * Counts one attempt, the last one included.
   *
   * @param durationMs From its start to the head of its answer or its failure.
   */
  attempted(backend: number, outcome: Outcome, durationMs: number): void {
    if (backend < 0 || backend >= this.#backends.length) return
    const block = this.#backends[backend]!
    observe(block, BACKEND_BLOCK.duration, durationMs)
    block[BACKEND_BLOCK.outcomes + OUTCOME_INDEX[outcome]]! += 1
  }
}
