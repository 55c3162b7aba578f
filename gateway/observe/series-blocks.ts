import type { ErrorCode } from '../contract/errors.ts'
import { ERRORS } from '../contract/errors.ts'
import { HANDOVER_REASONS } from '../contract/handover-reason.ts'
import type { SharedCells } from '../contract/shared-cells.ts'
import { WEB_SOCKET_ENDS } from '../contract/web-socket.ts'
import { CALL_OUTCOMES, COUNTS } from './call-outcomes.ts'
import { HISTOGRAM_CELLS } from './histogram.ts'

/**
 * Where the numbers of the metrics lie in shared memory. Each kind is a piece with one block for every thread, written
 * by that thread alone and read by the main thread. Pieces are per kind and not per thread, so that their number does
 * not grow with the threads.
 */
export interface BlockLayout {
  /** Numbers that one thread needs. */
  readonly size: number
}

/** A route: durations, bytes, and counters of calls that no backend served. */
export const ROUTE_BLOCK = {
  duration: 0,
  bytesIn: HISTOGRAM_CELLS,
  bytesOut: HISTOGRAM_CELLS + 1,
  counts: HISTOGRAM_CELLS + 2,
  size: HISTOGRAM_CELLS + 2 + COUNTS,
} as const

/** Calls of one route that one backend served. */
export const COUNTS_BLOCK = { size: COUNTS } as const

/** A backend over all routes: durations and outcomes of attempts. */
export const BACKEND_BLOCK = {
  duration: 0,
  outcomes: HISTOGRAM_CELLS,
  size: HISTOGRAM_CELLS + CALL_OUTCOMES.length,
} as const

/** Gauges of a thread. They begin at 0 whenever a thread does. */
export const GAUGES = [
  'connections',
  'inFlight',
  'webSockets',
  'waiting',
  'lagP50Ms',
  'lagP99Ms',
  'lagMaxMs',
  'utilization',
] as const

/** Counters of a thread. They go on when a thread is replaced. */
export const COUNTERS = [
  'connectionsAccepted',
  'connectionsRefused',
  'parseErrors',
  'unhandledRejections',
  'tokenCacheHits',
  'tokenCacheMisses',
  'logLinesDropped',
  'coldStarts',
  'hedges',
  'hedgesWon',
  'webSocketsOpened',
  'webSocketBytesIn',
  'webSocketBytesOut',
] as const

/** Phases of a call: until access is granted, waiting for a free slot, until the head of the answer, until its last byte. */
export const PHASES = ['access', 'queue', 'upstream', 'relay'] as const

export type Gauge = (typeof GAUGES)[number]
export type Counter = (typeof COUNTERS)[number]
export type Phase = (typeof PHASES)[number]

/** Codes of refusals, in the order of their counters. */
export const CODES = Object.keys(ERRORS) as ErrorCode[]

const numbered = <Name extends string>(names: readonly Name[], from: number, step: number) =>
  Object.fromEntries(names.map((name, i) => [name, from + i * step])) as Readonly<Record<Name, number>>

const FIRST_PHASE = GAUGES.length + COUNTERS.length
const FIRST_CODE = FIRST_PHASE + PHASES.length * HISTOGRAM_CELLS
const FIRST_END = FIRST_CODE + CODES.length
const FIRST_HANDOVER = FIRST_END + WEB_SOCKET_ENDS.length

/** What a thread keeps apart from routes and backends. */
export const THREAD_BLOCK = {
  gauge: numbered(GAUGES, 0, 1),
  counter: numbered(COUNTERS, GAUGES.length, 1),
  phase: numbered(PHASES, FIRST_PHASE, HISTOGRAM_CELLS),
  refused: numbered(CODES, FIRST_CODE, 1),
  webSocketEnd: numbered(WEB_SOCKET_ENDS, FIRST_END, 1),
  handover: numbered(HANDOVER_REASONS, FIRST_HANDOVER, 1),
  size: FIRST_HANDOVER + HANDOVER_REASONS.length,
} as const

/** Keys of the pieces. Names of backends hold no colon, so no two pairs of a backend and a route share one. */
export const threadKey = 'series:threads'
export const routeKey = (route: string) => `series:route:${route}`
export const countsKey = (backend: string, route: string) => `series:counts:${backend}:${route}`
export const backendKey = (backend: string) => `series:backend:${backend}`

/** Numbers on one cache line: what two threads write should not share one. */
const LINE = 8

/** The blocks of all threads under a key, by index of thread. */
export function claimBlocks(
  cells: SharedCells,
  key: string,
  layout: BlockLayout,
  threads: number,
): Float64Array[] {
  const stride = Math.ceil(layout.size / LINE) * LINE
  const piece = cells.claim(key, stride * threads * 2)
  return Array.from(
    { length: threads },
    (_, thread) => new Float64Array(piece.buffer, piece.byteOffset + thread * stride * 8, layout.size),
  )
}
