import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { ThreadSeries } from './thread-series.ts'

/** Milliseconds between two looks at the loop. Node's histogram holds them on top of the lag itself. */
export const RESOLUTION_MS = 20
const INTERVAL_MS = 1_000

/** Anything that has gauges of a thread: shared memory on workers, the exposition's own on the main thread. */
export type LagGauges = Pick<ThreadSeries, 'set'>

/**
 * Writes every second how late this thread's event loop was in that second, and the share of it that it was busy.
 * Does not keep the process alive.
 *
 * @returns Stops it.
 */
export function measureEventLoop(gauges: LagGauges, intervalMs = INTERVAL_MS): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let utilization = performance.eventLoopUtilization()
  const timer = setInterval(() => {
    gauges.set('lagP50Ms', lagMs(delay.percentile(50)))
    gauges.set('lagP99Ms', lagMs(delay.percentile(99)))
    gauges.set('lagMaxMs', lagMs(delay.max))
    delay.reset()
    const now = performance.eventLoopUtilization()
    gauges.set('utilization', performance.eventLoopUtilization(now, utilization).utilization)
    utilization = now
  }, intervalMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    delay.disable()
  }
}

function lagMs(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
}
