import type { LogLine } from '../contract/lifecycle.ts'
import type { Ended } from '../management/lifecycle-host.ts'

/** Milliseconds for all that a platform keeps, and for what is followed. */
const WHOLE_MS = 60_000
const FOLLOW_MS = 12 * 3_600_000
const MOST_CHARACTERS = 64 * 1024 * 1024
/** Characters of one line; the rest of it is left out. */
const LONGEST_LINE = 16_384

/**
 * Lines of a log within bounds of time and size, so that nobody's log can keep the gateway busy for ever. What ends it
 * is said at the end.
 *
 * @param read Reads them, and ends when its signal is aborted.
 */
export async function* boundedLines(
  read: (signal: AbortSignal) => AsyncIterable<LogLine>,
  follow: boolean,
  signal: AbortSignal,
): AsyncGenerator<LogLine | Ended> {
  const ms = follow ? FOLLOW_MS : WHOLE_MS
  const late = AbortSignal.timeout(ms)
  const over = AbortSignal.any([signal, late])
  const lines = read(over)[Symbol.asyncIterator]()
  // One listener for all lines: a race of promises for each would keep every one of them.
  let stop = (): void => {}
  over.addEventListener('abort', () => stop(), { once: true })
  const next = (): Promise<IteratorResult<LogLine> | null> =>
    new Promise((resolve, reject) => {
      stop = () => resolve(null)
      if (over.aborted) stop()
      else lines.next().then(resolve, reject)
    })
  let left = MOST_CHARACTERS
  try {
    for (let line = await next(); line !== null && line.done !== true; line = await next()) {
      const text = line.value.text.slice(0, LONGEST_LINE)
      left -= text.length
      if (left < 0) {
        yield { ended: 'There is more than 64 MiB: ask for less, by tail or since.' }
        return
      }
      yield { ...line.value, text }
    }
  } catch (error) {
    if (!over.aborted) throw error
  } finally {
    // Not awaited: what does not end by its signal would keep us.
    void Promise.resolve(lines.return?.()).catch(() => {})
  }
  if (late.aborted && !signal.aborted) yield { ended: `This is all of ${ms / 60_000} minutes: ask again.` }
}
