import { setTimeout as pause } from 'node:timers/promises'
import type { LogLine, LogsWanted } from '../../gateway/contract/lifecycle.ts'
import { refusalOf } from './refusal.ts'
import { isObject } from './result.ts'
import type { AwsService } from './service.ts'

/** Milliseconds between two questions for what is new. */
const POLL_MS = 1000

/** Lines of so many milliseconds before the latest may still come: environments write on their own. */
const LATE_MS = 15_000

/** What is looked at first for the last lines, and how much more of the past each time that was too little. */
const FIRST_SPAN_MS = 60_000
const SPAN_FACTOR = 6

interface LogEvent {
  readonly id: string
  readonly line: LogLine & { readonly timeMs: number }
}

/**
 * What a function has said, from CloudWatch Logs: lines of all its versions, and those that Lambda writes around each
 * call. A group that is not there yet has no lines.
 *
 * @throws PlatformRefusal
 */
export async function* functionLogs(
  logs: AwsService,
  group: string,
  { tail, sinceMs, follow }: LogsWanted,
  signal: AbortSignal,
): AsyncIterable<LogLine> {
  const read = (from: number, to: number | null) => readEvents(logs, group, from, to, signal)
  const seen = new Map<string, number>()
  const startedAt = Date.now()
  let latest = Math.max(0, sinceMs ?? 0)
  const past = tail === null ? read(latest, null) : lastEvents(read, tail, latest, startedAt)
  for await (const { id, line } of past) {
    yield line
    latest = Math.max(latest, line.timeMs)
    seen.set(id, line.timeMs)
    forget(seen, latest - LATE_MS)
  }
  if (tail !== null) latest = Math.max(latest, startedAt)
  while (follow) {
    await pause(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
    const first = tail === null ? latest - LATE_MS : Math.max(startedAt, latest - LATE_MS)
    for await (const { id, line } of read(Math.max(0, sinceMs ?? 0, first), null)) {
      if (seen.has(id)) continue
      yield line
      latest = Math.max(latest, line.timeMs)
      seen.set(id, line.timeMs)
    }
    forget(seen, latest - LATE_MS)
  }
}

type Read = (from: number, to: number | null) => AsyncIterable<LogEvent>

/** The last so many before a time. */
async function* lastEvents(read: Read, tail: number, since: number, now: number): AsyncIterable<LogEvent> {
  let events: LogEvent[] = []
  let to = now
  for (let spanMs = FIRST_SPAN_MS; events.length < tail && to > since; spanMs *= SPAN_FACTOR) {
    const from = Math.max(since, to - spanMs)
    const earlier: LogEvent[] = []
    for await (const event of read(from, to)) {
      earlier.push(event)
      if (earlier.length > tail) earlier.shift()
    }
    events = [...earlier, ...events].slice(-tail)
    to = from
  }
  yield* events
}

/** All of a time, the oldest first. @param to Not that moment itself; null for no bound. */
async function* readEvents(
  logs: AwsService,
  group: string,
  from: number,
  to: number | null,
  signal: AbortSignal,
): AsyncIterable<LogEvent> {
  let nextToken: unknown
  do {
    const answer = await logs.ask(
      {
        method: 'POST',
        path: '/',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': 'Logs_20140328.FilterLogEvents',
        },
        body: {
          logGroupName: group,
          startTime: from,
          ...(to !== null && { endTime: to - 1 }),
          ...(nextToken !== undefined && { nextToken }),
        },
      },
      signal,
    )
    if (answer.error.startsWith('ResourceNotFound')) return
    if (answer.status !== 200) throw refusalOf('FilterLogEvents', answer)
    const said = isObject(answer.body) ? answer.body : {}
    const events = Array.isArray(said['events']) ? said['events'] : []
    yield* events.filter(isObject).map(readEvent)
    nextToken = said['nextToken']
  } while (typeof nextToken === 'string')
}

function readEvent(event: Readonly<Record<string, unknown>>): LogEvent {
  const { eventId, timestamp, logStreamName, message } = event
  const instance = typeof logStreamName === 'string' ? logStreamName : null
  const text = String(message ?? '').replace(/\r?\n$/, '')
  return { id: String(eventId), line: { timeMs: Number(timestamp), instance, text } }
}

function forget(seen: Map<string, number>, before: number): void {
  for (const [id, timeMs] of seen) {
    if (timeMs >= before) return
    seen.delete(id)
  }
}
