import type { Log } from '../contract/plugin.ts'
import type { ThreadSeries } from '../observe/thread-series.ts'
import { failEscaped } from './watched-driver.ts'

/**
 * Code of drivers and plugins runs in our callbacks and leaves callbacks of its own behind. What escapes them is logged
 * and counted; it ends the call that it belongs to, if that is known, and the thread serves on.
 *
 * @returns Stops it.
 */
export function surviveFaults(log: Log, series: ThreadSeries): () => void {
  const survive = (error: unknown): void => {
    series.count('unhandledRejections')
    log.error({ err: error }, 'an error reached nobody; the thread serves on')
    failEscaped(error)
  }
  process.on('uncaughtException', survive)
  process.on('unhandledRejection', survive)
  return () => {
    process.off('uncaughtException', survive)
    process.off('unhandledRejection', survive)
  }
}
