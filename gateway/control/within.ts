/** Work was not done in its time; it may go on. */
export class TooLate extends Error {
  constructor(ms: number) {
    super(`not done within ${ms / 1000} s`)
    this.name = 'TooLate'
  }
}

/**
 * Work that is waited for at most so long, and no longer than the caller waits. It may go on after that: whoever does
 * it is told by the signal.
 *
 * @throws TooLate, or the reason of the signal.
 */
export async function within<Result>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const ending = new AbortController()
  const over = Promise.withResolvers<never>()
  const end = (reason: unknown): void => {
    over.reject(reason)
    ending.abort(reason)
  }
  const abort = (): void => end(signal.reason)
  const timer = setTimeout(() => end(new TooLate(ms)), ms)
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  // Nobody may be listening by then.
  over.promise.catch(() => {})
  try {
    return await Promise.race([over.promise, work(ending.signal)])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
    ending.abort()
  }
}
