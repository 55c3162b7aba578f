import { setTimeout as pause } from 'node:timers/promises'
import type { DeployProgress, TellProgress } from '../../gateway/contract/lifecycle.ts'

/** One look at a function that is on its way. */
export interface Look {
  readonly isReady: boolean
  readonly progress: DeployProgress
}

export interface Looking {
  /** Rejects when it will never be ready, with what the platform says. */
  readonly look: (signal: AbortSignal) => Promise<Look>
  readonly progress: TellProgress
  /** Milliseconds between two looks. */
  readonly everyMs: number
  readonly signal: AbortSignal
}

/**
 * Looks at a function again and again until it is ready, and tells what has changed since the look before.
 *
 * @throws The reason of the signal when that comes first.
 */
export async function untilReady({ look, progress, everyMs, signal }: Looking): Promise<void> {
  let told = ''
  for (;;) {
    signal.throwIfAborted()
    const seen = await look(signal)
    const text = JSON.stringify(seen.progress)
    if (text !== told) progress(seen.progress)
    told = text
    if (seen.isReady) return
    await pause(everyMs, undefined, { signal }).catch(() => signal.throwIfAborted())
  }
}
