/** Longest wait between two starts. */
const CAP_MS = 30_000

/**
 * Milliseconds to wait before the next start: full jitter, so that processes that fell together do not come back
 * together (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
 *
 * @param failures Starts that failed or ended early so far, at least 1.
 */
export function restartDelayMs(failures: number): number {
  return Math.random() * Math.min(CAP_MS, 100 * 2 ** failures)
}
