import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { HintMistake } from '../placement/hint.ts'
import { hintOf } from '../placement/known-hints.ts'
import type { Arrival } from './arrivals.ts'

/** Calls that a gateway wrote to its access log. */
export interface Recording {
  /** In the order in which they came in. */
  readonly arrivals: readonly Arrival[]
  /** Milliseconds that answered calls took, by backend. */
  readonly times: ReadonlyMap<string, readonly number[]>
  /** Lines that are no calls of functions. */
  readonly skipped: number
}

/** More calls than this are too many for one run. */
const MOST_CALLS = 10_000_000
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

/**
 * Reads an access log (`gateway.accessLog`), one JSON object a line. Calls that came to no function, and whatever else
 * stands in the log, are passed over.
 *
 * @throws Error When there is no call in it, or too many; or the file cannot be read.
 */
export async function readRecording(file: string): Promise<Recording> {
  const calls: { at: number; arrival: Arrival }[] = []
  const times = new Map<string, number[]>()
  let skipped = 0
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })
  for await (const line of lines) {
    const call = line === '' ? null : callOf(line)
    if (call === null) skipped++
    else if (calls.push(call) > MOST_CALLS) throw new Error(`${file} has more than ${MOST_CALLS} calls`)
    else if (call.arrival.recorded !== null) {
      const { backend, ms } = call.arrival.recorded
      const known = times.get(backend)
      if (known === undefined) times.set(backend, [ms])
      else known.push(ms)
    }
  }
  if (calls.length === 0)
    throw new Error(`${file} has no line of an access log that tells of a call of a function`)
  calls.sort((one, other) => one.at - other.at)
  const start = calls[0]!.at
  return {
    arrivals: calls.map(({ at, arrival }) => ({ ...arrival, atMs: at - start })),
    times,
    skipped,
  }
}

/** Milliseconds since 1970 when a call came in, and the call. Null for a line that tells of none. */
function callOf(line: string): { at: number; arrival: Arrival } | null {
  const entry = objectOf(line)
  const { time, totalMs, organization, function: functionName, upstreamMs, backend } = entry
  if (entry['type'] !== 'access' || typeof time !== 'number' || typeof totalMs !== 'number') return null
  if (typeof organization !== 'string' || typeof functionName !== 'string') return null
  const hint = typeof entry['hint'] === 'string' ? hintOf(entry['hint']) : null
  const isAnswered = entry['outcome'] === 'answered'
  const isTimed = isAnswered && typeof upstreamMs === 'number' && typeof backend === 'string'
  return {
    at: time - totalMs,
    arrival: {
      atMs: 0,
      organization,
      functionName,
      zone: typeof entry['zone'] === 'string' ? entry['zone'] : null,
      hint: hint instanceof HintMistake ? null : hint,
      repeatable: IDEMPOTENT.has(String(entry['method'])),
      attempts: 3,
      recorded: isTimed ? { backend, ms: upstreamMs } : null,
    },
  }
}

function objectOf(line: string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(line) as object) }
  } catch {
    return {}
  }
}
