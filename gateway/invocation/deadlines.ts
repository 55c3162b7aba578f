import { performance } from 'node:perf_hooks'
import { onLateVerdict } from './access.ts'
import type { ActiveCall } from './active-call.ts'
import { onLateAnswer } from './invoke.ts'
import type { RunningCalls } from './running-calls.ts'
import { onWaited } from './wait.ts'

/** No end is looked for more often than this, however many different ones there are. */
const LEAST_GAP_MS = 5
const LONGEST_SLEEP_MS = 3_600_000

/**
 * Ends calls whose time is over. One timer for the thread, set for the earliest end that anybody has asked for since it
 * last went off: one per call, which is nearly always cleared, was 2 % of the CPU time of a call (`node --cpu-prof`).
 * Never early; up to 5 ms late where many ends lie close together.
 */
export class Deadlines {
  readonly #calls: RunningCalls
  #timer: NodeJS.Timeout | null = null
  /** Time of `performance.now()` at which the timer goes off. */
  #wakesAt = Number.POSITIVE_INFINITY
  #sweptAt = 0

  constructor(calls: RunningCalls) {
    this.#calls = calls
  }

  /** The call, one of those that run, has this long from now on. @param now Time of `performance.now()`. */
  watch(call: ActiveCall, timeoutMs: number, now = performance.now()): void {
    call.dueAt = now + timeoutMs
    if (call.dueAt < this.#wakesAt) this.#sleepUntil(call.dueAt, now)
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #sleepUntil(dueAt: number, now: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#wakesAt = Math.min(Math.max(dueAt, this.#sweptAt + LEAST_GAP_MS), now + LONGEST_SLEEP_MS)
    this.#timer = setTimeout(sweep, Math.ceil(this.#wakesAt - now), this).unref()
  }

  sweep(): void {
    const now = performance.now()
    let next = now
    this.#sweptAt = now
    this.#wakesAt = Number.POSITIVE_INFINITY
    try {
      next = this.#endDue(now)
    } finally {
      if (next < this.#wakesAt) this.#sleepUntil(next, now)
    }
  }

  /** @returns When the next call is due; Infinity for never. */
  #endDue(now: number): number {
    let next = Number.POSITIVE_INFINITY
    for (const call of this.#calls.all()) {
      if (call.dueAt <= now) {
        call.dueAt = Number.POSITIVE_INFINITY
        if (call.state === 'access') onLateVerdict(call)
        else if (call.state === 'invoking') onLateAnswer(call)
        else if (call.state === 'waiting') onWaited(call)
      }
      if (call.dueAt < next) next = call.dueAt
    }
    return next
  }
}

function sweep(deadlines: Deadlines): void {
  deadlines.sweep()
}
