import autocannon from 'autocannon'
import type { Child } from './child.ts'

/** One run against one program. */
export interface Run {
  readonly cpuMicrosecondsPerRequest: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

export interface Load {
  readonly path: string
  readonly connections: number
  readonly seconds: number
}

/**
 * Loads a program for some seconds.
 *
 * @throws Error When an answer is not 200: a wrong answer is fast and proves nothing.
 */
export async function run(child: Child, { path, connections, seconds }: Load): Promise<Run> {
  const before = await child.cpuMicroseconds()
  const result = await autocannon({
    url: `${child.url}${path}`,
    connections,
    duration: seconds,
    headers: child.headers,
  })
  const after = await child.cpuMicroseconds()
  const failed = result.errors + result.non2xx
  if (failed > 0 || result['2xx'] === 0) throw new Error(`${child.name}: ${failed} requests failed`)
  return {
    cpuMicrosecondsPerRequest: (after - before) / result['2xx'],
    requestsPerSecond: result['2xx'] / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  }
}

export interface Spread {
  readonly min: number
  readonly median: number
  readonly max: number
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!
  return { min: at(0), median: at(0.5), max: at(1) }
}
