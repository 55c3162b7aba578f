import { createHistogram } from 'node:perf_hooks'
import autocannon from 'autocannon'
import type { Child } from './child.ts'
import { cpuMicroseconds } from './cpu-time.ts'

/** What is asked of a program. */
export interface Load {
  readonly path: string
  readonly method?: 'GET' | 'POST'
  readonly body?: Buffer
  /** Besides those that the program wants, and before them. */
  readonly headers?: Record<string, string>
  /** The program's own headers are left out: nobody is authenticated. */
  readonly anonymous?: boolean
  /** Each asks again as soon as it has its answer. Default 64. */
  readonly connections?: number
  /** Default 200. */
  readonly expectedStatus?: number
}

/** What some time of load gave. */
export interface Slice {
  readonly requests: number
  /** Of the program's process. */
  readonly cpuMicrosecondsPerRequest: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const CONNECTIONS = 64
/** Answers for each connection before anything counts: connections open and sockets grow in that time. */
const SETTLING_ANSWERS = 4
/** The bench decides when it is enough. */
const NEVER_SECONDS = 3600
/** How often autocannon looks whether it was stopped. */
const LOOK_MS = 10

/** Without an answer for so long a program is given up: autocannon opens connections that are closed again and again. */
const SILENCE_MS = 5000

/**
 * Loads a program for some time, in a closed loop. CPU time and requests are read at the same two moments, both under
 * full load, so that opening and closing connections is not counted.
 *
 * @param seconds Between the two moments; fractions are allowed.
 * @throws Error When an answer has another status than it should: a wrong answer is fast and proves nothing. Also when
 *   there is none.
 */
export function measure(program: Child, load: Load, seconds: number): Promise<Slice> {
  const connections = load.connections ?? CONNECTIONS
  const expected = load.expectedStatus ?? 200
  const settling = connections * SETTLING_ANSWERS
  const latency = createHistogram()
  return new Promise((resolve, reject) => {
    let answers = 0
    let cpuBefore = 0
    let startedAt = 0
    let endsAt = Number.POSITIVE_INFINITY
    let slice: Slice | null = null
    let failure: Error | null = null
    let answersSeen = 0
    const watch = setInterval(() => {
      if (answers === answersSeen) fail(`no answer for ${SILENCE_MS / 1000} s`)
      answersSeen = answers
    }, SILENCE_MS)
    const instance = autocannon(
      {
        url: `${program.url}${load.path}`,
        method: load.method ?? 'GET',
        connections,
        duration: NEVER_SECONDS,
        sampleInt: LOOK_MS,
        headers: { ...(load.anonymous === true ? {} : program.headers), ...load.headers },
        ...(load.body !== undefined && { body: load.body }),
      },
      (error: Error | null) => {
        clearInterval(watch)
        const wrong = failure ?? error
        if (wrong !== null || slice === null) reject(wrong ?? new Error(`${program.name} gave no answers`))
        else resolve(slice)
      },
    )
    const fail = (why: string): void => {
      failure ??= new Error(`${program.name}: ${why}`)
      instance.stop?.()
    }
    instance.on('reqError', (error: Error) => fail(error.message))
    instance.on('response', (_client, status, _bytes, milliseconds) => {
      if (status !== expected) fail(`status ${status} instead of ${expected}`)
      if (slice !== null) return
      answers++
      if (answers < settling) return
      const now = performance.now()
      if (answers === settling) {
        cpuBefore = cpuMicroseconds(program.pid)
        startedAt = now
        endsAt = now + seconds * 1000
        return
      }
      latency.record(Math.max(1, Math.round(milliseconds * 1000)))
      if (now < endsAt) return
      const requests = answers - settling
      slice = {
        requests,
        cpuMicrosecondsPerRequest: (cpuMicroseconds(program.pid) - cpuBefore) / requests,
        requestsPerSecond: (requests / (now - startedAt)) * 1000,
        p50Ms: latency.percentile(50) / 1000,
        p99Ms: latency.percentile(99) / 1000,
      }
      instance.stop?.()
    })
  })
}
