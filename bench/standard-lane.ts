import { type Child, startChild } from './support/child.ts'
import { type Run, run, type Spread, spread } from './support/load.ts'

/** What does a secured call cost on the standard lane, against proxies on the same libraries that check nothing? */
export const QUESTION = 'CPU time per request of the standard lane, whole pipeline, against bare proxies'

/** Ratio to bare `@fastify/http-proxy` that may not be exceeded. */
export const BUDGET = 0.65

const PATH = '/route-500/orders?limit=10'
const CONNECTIONS = 64
const WARM_UP_SECONDS = 3

export interface Row {
  readonly name: string
  readonly cpu: Spread
  /** Of the CPU time, to the baseline, pair by pair. */
  readonly ratio: Spread
  readonly requestsPerSecond: Spread
  readonly p50Ms: Spread
  readonly p99Ms: Spread
}

export interface Options {
  readonly rounds: number
  readonly seconds: number
  /** Hears about the progress. */
  readonly told: (line: string) => void
}

/** Rounds of all programs in turn, so that a machine that gets slower gets slower for all of them. */
export async function standardLane({ rounds, seconds, told }: Options): Promise<Row[]> {
  const module = (path: string) => new URL(path, import.meta.url)
  const upstream = await startChild('upstream', module('./support/upstream.ts'), [])
  const proxies: Child[] = []
  try {
    for (const [name, path, ...args] of PROXIES)
      proxies.push(await startChild(name, module(path), [upstream.url, ...args]))
    for (const proxy of proxies) {
      told(`warming up ${proxy.name}`)
      await run(proxy, { path: PATH, connections: CONNECTIONS, seconds: WARM_UP_SECONDS })
    }
    const runs = new Map<string, Run[]>(proxies.map(({ name }) => [name, []]))
    for (let round = 1; round <= rounds; round++) {
      for (const proxy of proxies) {
        const one = await run(proxy, { path: PATH, connections: CONNECTIONS, seconds })
        runs.get(proxy.name)!.push(one)
        told(`round ${round} of ${rounds}  ${proxy.name}: ${one.cpuMicrosecondsPerRequest.toFixed(1)} µs`)
      }
    }
    return rowsOf(runs)
  } finally {
    await Promise.all([...proxies, upstream].map((child) => child.stop()))
  }
}

export const BASELINE = '@fastify/http-proxy, bare'

const PROXIES = [
  ['dispatch, standard lane', './proxies/dispatch.ts', 'undici'],
  ['dispatch, standard lane, wire', './proxies/dispatch.ts', 'wire'],
  [BASELINE, './proxies/http-proxy.ts'],
  ['node:http + undici, bare', './proxies/node-undici.ts'],
] as const

function rowsOf(runs: ReadonlyMap<string, readonly Run[]>): Row[] {
  const baseline = runs.get(BASELINE)!.map(({ cpuMicrosecondsPerRequest }) => cpuMicrosecondsPerRequest)
  return [...runs].map(([name, made]) => {
    const cpu = made.map(({ cpuMicrosecondsPerRequest }) => cpuMicrosecondsPerRequest)
    return {
      name,
      cpu: spread(cpu),
      ratio: spread(cpu.map((value, i) => value / baseline[i]!)),
      requestsPerSecond: spread(made.map(({ requestsPerSecond }) => requestsPerSecond)),
      p50Ms: spread(made.map(({ p50Ms }) => p50Ms)),
      p99Ms: spread(made.map(({ p99Ms }) => p99Ms)),
    }
  })
}
