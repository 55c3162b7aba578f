import { setTimeout as pause } from 'node:timers/promises'
import type { LogLine, LogsWanted } from '../../gateway/contract/lifecycle.ts'
import { readJson } from '../support/bounded-body.ts'
import type { Administration } from './administration.ts'
import type { FunctionName } from './function-name.ts'
import { asked, refusalOf } from './refusal.ts'

/** Milliseconds before a log that ended is asked for again. */
const AGAIN_MS = 1000
/** Lines of the last second that are remembered, so that none is told twice. */
const MOST_REMEMBERED = 10_000

interface Message extends LogLine {
  /** The moment as the platform writes it. */
  readonly timestamp: string
}

/**
 * The log of a function. The platform ends it after its own `write_timeout`, whatever was asked for: one that is
 * followed is then asked for again, from the last second on, because that is how exactly providers know `since`.
 */
export async function* followLogs(
  administration: Administration,
  { name, namespace }: FunctionName,
  { follow, tail, sinceMs }: LogsWanted,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const query = { name, namespace, follow: follow ? 'true' : null }
  if (tail === 0 && !follow) return
  // To the platform, 0 lines are all: what is wanted is what comes from now on.
  const from = tail === 0 ? Date.now() : sinceMs
  const since = from === null ? null : new Date(from).toISOString()
  const told = new LastSecond()
  let lines = administration.logs(
    { ...query, tail: tail === null || tail === 0 ? null : String(tail), since },
    signal,
  )
  for (;;) {
    let hasLine = false
    try {
      for await (const line of lines) {
        hasLine = true
        const message = readMessage(line)
        if (message === null || !told.isNew(message)) continue
        const { timeMs, instance, text } = message
        yield { timeMs, instance, text }
      }
    } catch (error) {
      if (signal.aborted || !follow || !hasLine) throw refusalOf(error)
    }
    if (!follow || signal.aborted) return
    await asked(() => pause(AGAIN_MS, undefined, { signal }))
    lines = administration.logs({ ...query, tail: null, since: told.since ?? since }, signal)
  }
}

/** Knows what was told of the last second. */
class LastSecond {
  /** The second, as RFC 3339; null before the first line that has a time. */
  since: string | null = null
  #second = Number.NEGATIVE_INFINITY
  readonly #lines = new Set<string>()

  /** False for a line that was told already. Lines of several replicas may come out of their order by a little. */
  isNew({ timeMs, timestamp, instance, text }: Message): boolean {
    if (timeMs === null) return true
    const second = Math.floor(timeMs / 1000)
    if (second > this.#second) {
      this.#second = second
      this.since = new Date(second * 1000).toISOString()
      this.#lines.clear()
    }
    const key = `${timestamp} ${instance} ${text}`
    if (this.#lines.has(key)) return false
    if (second === this.#second && this.#lines.size < MOST_REMEMBERED) this.#lines.add(key)
    return true
  }
}

/** Null for what is no message. */
function readMessage(line: string): Message | null {
  const value = readJson(line)
  if (typeof value !== 'object' || value === null) return null
  const { timestamp, instance, text } = value as Record<string, unknown>
  if (typeof text !== 'string') return null
  const time = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
  return {
    // Go writes the year 1 where it knows no time.
    timeMs: time > 0 ? time : null,
    instance: typeof instance === 'string' && instance !== '' ? instance : null,
    text: text.replace(/\r?\n$/, ''),
    timestamp: String(timestamp),
  }
}
