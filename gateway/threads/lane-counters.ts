import type { ConnectionLimit } from '../capacity/connection-limit.ts'
import type { ErrorCode } from '../contract/errors.ts'
import type { HandoverReason } from '../contract/handover-reason.ts'
import type { ExpressObserver } from '../lanes/express/express-lane.ts'
import type { LaneObserver } from '../lanes/standard/standard-lane.ts'
import type { ThreadSeries } from '../observe/thread-series.ts'

/** Counts what happens on the listeners of one thread, and says when there are enough connections. */
export class LaneCounters implements LaneObserver, ExpressObserver {
  readonly #series: ThreadSeries
  readonly #limit: ConnectionLimit

  constructor(series: ThreadSeries, limit: ConnectionLimit) {
    this.#series = series
    this.#limit = limit
  }

  connectionOpened(): boolean {
    if (!this.#limit.tryAcquire()) {
      this.#series.count('connectionsRefused')
      return false
    }
    this.#series.add('connections', 1)
    this.#series.count('connectionsAccepted')
    return true
  }

  connectionClosed(): void {
    this.#limit.release()
    this.#series.add('connections', -1)
  }

  handedOver(reason: HandoverReason): void {
    this.#series.handedOver(reason)
  }

  fault(code: ErrorCode): void {
    this.#series.count('parseErrors')
    this.#series.refused(code)
  }
}
