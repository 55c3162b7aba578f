import { setTimeout as pause } from 'node:timers/promises'
import { KongError } from './kong-error.ts'

const FIRST_MS = 100
const CAP_MS = 5000
/** Longest wait that Kong may ask for. */
const LONGEST_MS = 60_000
const TRIES = 5

/** How long to wait, and how often to try; replaced by tests. */
export interface Patience {
  readonly tries: number
  readonly random: () => number
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

export const PATIENCE: Patience = {
  tries: TRIES,
  random: Math.random,
  pause: async (ms, signal) => {
    await pause(ms, undefined, { signal }).catch(() => {})
  },
}

/**
 * Milliseconds before the next try: full jitter up to a bound that doubles (AWS Architecture Blog, "Exponential Backoff
 * And Jitter", 2015), and never less than Kong asks for.
 *
 * @param attempt Tries so far; 1 after the first failure.
 */
export function waitMs(attempt: number, error: KongError, random: () => number): number {
  const bound = Math.min(CAP_MS, FIRST_MS * 2 ** (attempt - 1))
  return Math.min(LONGEST_MS, error.retryAfterMs + bound / 2 + (random() * bound) / 2)
}

/**
 * Does what may be done twice until it succeeds, fails for good, or has failed too often.
 *
 * @throws KongError The last one.
 */
export async function withRetries<Result>(
  what: () => Promise<Result>,
  signal: AbortSignal,
  patience: Patience,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await what()
    } catch (error) {
      if (!(error instanceof KongError) || !error.retryable || attempt >= patience.tries) throw error
      await patience.pause(waitMs(attempt, error, patience.random), signal)
      if (signal.aborted) throw new KongError('aborted', 'it was given up', { cause: error })
    }
  }
}
