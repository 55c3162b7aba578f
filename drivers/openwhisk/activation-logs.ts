import { setTimeout as pause } from 'node:timers/promises'
import { isRecord } from '../../gateway/contract/exact-json.ts'
import type { LogLine, LogsWanted } from '../../gateway/contract/lifecycle.ts'
import { isActivationId } from './verdict.ts'
import { refusalOf, type WhiskApi } from './whisk-api.ts'

/** As many as the platform lists at most at once. */
const PAGE = 200

/** Milliseconds between two looks for what is new. */
const POLL_MS = 2000

/** Records are written when an activation is over, which takes 5 minutes at most, and a while more. */
const LATE_MS = 360_000

interface Activation {
  readonly id: string
  readonly start: number
}

/**
 * What an action has said: the logs of its activations, in the order in which these began.
 *
 * @throws PlatformRefusal
 */
export async function* activationLogs(
  api: WhiskApi,
  name: string,
  { tail, sinceMs, follow }: LogsWanted,
  signal: AbortSignal,
): AsyncIterable<LogLine> {
  const startedAt = Date.now()
  const seen = new Map<string, number>()
  const linesOf = async (activation: Activation) => {
    const lines = await readLog(api, activation, signal)
    return lines?.filter(({ timeMs }) => sinceMs === null || timeMs === null || timeMs >= sinceMs) ?? null
  }
  const past: Activation[] = []
  const last: LogLine[][] = []
  let count = 0
  // An activation that began before may have said something since.
  for await (const activation of listActivations(
    api,
    name,
    sinceMs === null ? 0 : sinceMs - LATE_MS,
    signal,
  )) {
    if (activation.start >= startedAt - LATE_MS) seen.set(activation.id, activation.start)
    if (tail === null) past.push(activation)
    else if (count < tail) {
      const lines = (await linesOf(activation)) ?? []
      last.push(lines)
      count += lines.length
    } else if (!follow || activation.start < startedAt - LATE_MS) break
  }
  if (tail === null) for (const activation of past.reverse()) yield* (await linesOf(activation)) ?? []
  else if (tail > 0) yield* last.reverse().flat().slice(-tail)
  while (follow) {
    await pause(POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
    const since = Date.now() - LATE_MS
    for (const [id, start] of seen) if (start < since - LATE_MS) seen.delete(id)
    const listed = await Array.fromAsync(
      listActivations(api, name, Math.max(since, startedAt - LATE_MS), signal),
    )
    for (const activation of listed.reverse()) {
      if (seen.has(activation.id)) continue
      const lines = await linesOf(activation)
      if (lines === null) continue
      seen.set(activation.id, activation.start)
      yield* lines
    }
  }
}

/** The latest first, from a time in milliseconds on. */
async function* listActivations(
  api: WhiskApi,
  name: string,
  since: number,
  signal: AbortSignal,
): AsyncIterable<Activation> {
  const from = since > 0 ? `&since=${Math.floor(since)}` : ''
  for (let skip = 0; ; skip += PAGE) {
    const query = `name=${encodeURIComponent(name)}&limit=${PAGE}&skip=${skip}${from}`
    const answer = await api.ask('GET', `/activations?${query}`, signal)
    if (answer.status !== 200) throw refusalOf(`the list of activations of ${name}`, answer)
    const page = Array.isArray(answer.body) ? answer.body : []
    for (const each of page) {
      const { activationId, start } = isRecord(each) ? each : {}
      if (isActivationId(activationId)) yield { id: activationId, start: Number(start) }
    }
    if (page.length < PAGE) return
  }
}

/** Null when it is not stored yet. */
async function readLog(api: WhiskApi, { id }: Activation, signal: AbortSignal): Promise<LogLine[] | null> {
  const answer = await api.ask('GET', `/activations/${id}/logs`, signal)
  if (answer.status === 404) return null
  if (answer.status !== 200) throw refusalOf('logs', answer)
  const logs = isRecord(answer.body) ? answer.body['logs'] : []
  return Array.isArray(logs) ? logs.map((line) => readLine(String(line), id)) : []
}

/** `2026-11-22T10:00:00.000000000Z stdout: text` */
function readLine(line: string, instance: string): LogLine {
  const match = /^(\S+Z)\s+std(?:out|err): ?(.*)$/s.exec(line)
  if (match === null) return { timeMs: null, instance, text: line }
  const timeMs = Date.parse(match[1]!)
  return { timeMs: Number.isNaN(timeMs) ? null : timeMs, instance, text: match[2]!.replace(/\r?\n$/, '') }
}
