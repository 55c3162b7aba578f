/** How much longer than allowed an idle connection may stay open; it is not used any more. */
const PERIOD_MS = 500

/** Closes what was idle for too long. */
export interface Sweepable {
  /** @param now Of `performance.now()`. @returns Whether anything is still idle. */
  sweep(now: number): boolean
}

const pools = new Set<Sweepable>()
let timer: NodeJS.Timeout | null = null

/** Has the idle connections of a pool looked at now and then: one timer for all pools of this thread, while there are any. */
export function sweepIdle(pool: Sweepable): void {
  pools.add(pool)
  timer ??= setInterval(sweep, PERIOD_MS).unref()
}

function sweep(): void {
  const now = performance.now()
  for (const pool of pools) if (!pool.sweep(now)) pools.delete(pool)
  if (pools.size > 0 || timer === null) return
  clearInterval(timer)
  timer = null
}
