import { HeldByKey } from './held-by-key.ts'
import { releaseHeldBy } from './held-count.ts'
import { RollingTotal } from './rolling-total.ts'
import type { SharedMemory } from './shared-memory.ts'

/**
 * Settles what a dead thread left behind in shared memory: what it held is free again, what it had reserved of budgets
 * is spent. Called on the main thread, before another takes its index.
 */
export function settleDeadThread(thread: number, memory: SharedMemory): void {
  releaseHeldBy(thread, memory)
  HeldByKey.releaseAllOf(thread, memory)
  RollingTotal.forfeitAllOf(thread, memory, Date.now())
}
