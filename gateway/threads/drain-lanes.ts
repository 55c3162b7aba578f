import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { RunningCalls } from '../invocation/running-calls.ts'
import type { Lane } from '../lanes/lane.ts'
import { closeWebSockets, cutCalls } from './cut-calls.ts'

/** An idle connection is given this long to bring the request that may be on its way, and learn that it is the last. */
const QUIET_MS = 1000
/** What was handed over at the very end is given this long to leave. */
const FLUSH_MS = 500
const TICK_MS = 20

/**
 * Ends the lanes of a thread: no new connection, then the end of running calls and of idle connections. Whoever sends
 * a request meanwhile gets its answer, with `connection: close`.
 *
 * @param calls Those that run, as they come and go.
 * @param graceMs Calls that take longer are cut.
 * @returns How many were cut.
 */
export async function drainLanes(
  lanes: readonly Lane[],
  calls: RunningCalls,
  graceMs: number,
): Promise<number> {
  const end = performance.now() + graceMs
  await Promise.all(lanes.map((lane) => lane.stopAccepting()))
  while (performance.now() < end && (endQuiet(lanes, QUIET_MS) > 0 || calls.size > 0)) {
    closeWebSockets(calls)
    await pause(TICK_MS)
  }
  const cut = cutCalls(calls)
  const flushed = performance.now() + FLUSH_MS
  while (performance.now() < flushed && lanes.some(({ open }) => open > 0)) {
    endQuiet(lanes, 0)
    await pause(TICK_MS)
  }
  for (const lane of lanes) lane.destroy()
  return cut
}

/** @returns Connections that are still in use. */
function endQuiet(lanes: readonly Lane[], quietMs: number): number {
  return lanes.reduce((kept, lane) => kept + lane.endQuiet(quietMs), 0)
}
