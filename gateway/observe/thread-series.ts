import type { ErrorCode } from '../contract/errors.ts'
import type { HandoverReason } from '../contract/handover-reason.ts'
import type { SharedCells } from '../contract/shared-cells.ts'
import type { WebSocketEnd } from '../contract/web-socket.ts'
import { type Counter, claimBlocks, GAUGES, type Gauge, THREAD_BLOCK, threadKey } from './series-blocks.ts'

/** Numbers of one thread that belong to no route. Made once when the thread starts; recording is a plain store. */
export class ThreadSeries {
  readonly #block: Float64Array

  /** Sets the gauges to 0: what a thread before this one held is gone with it. */
  constructor(cells: SharedCells, threads: number, thread: number) {
    this.#block = claimBlocks(cells, threadKey, THREAD_BLOCK, threads)[thread]!
    for (const gauge of GAUGES) this.set(gauge, 0)
  }

  count(counter: Counter, times = 1): void {
    this.#block[THREAD_BLOCK.counter[counter]]! += times
  }

  /** Counts a problem document that a client got. */
  refused(code: ErrorCode): void {
    this.#block[THREAD_BLOCK.refused[code]]! += 1
  }

  webSocketEnded(end: WebSocketEnd): void {
    this.#block[THREAD_BLOCK.webSocketEnd[end]]! += 1
  }

  /** Counts a connection that the express lane left to the standard lane. */
  handedOver(reason: HandoverReason): void {
    this.#block[THREAD_BLOCK.handover[reason]]! += 1
  }

  /** Moves a gauge up or down. */
  add(gauge: Gauge, amount: number): void {
    this.#block[THREAD_BLOCK.gauge[gauge]]! += amount
  }

  set(gauge: Gauge, value: number): void {
    this.#block[THREAD_BLOCK.gauge[gauge]] = value
  }
}
