import { spread } from '../statistics/spread.ts'
import { type Child, startChild } from '../support/child.ts'
import { isInstalled } from '../support/installed.ts'
import { measure } from '../support/load.ts'
import { type Latencies, openLoop } from '../support/open-loop.ts'
import { HAPROXY, HTTP_PROXY, NGINX, type Program, UPSTREAM } from '../support/program.ts'
import type { Answer, Effort, Question, Row } from '../support/question.ts'
import { EXPRESS, PATH, STANDARD } from './gateways.ts'

const WARM_UP_SECONDS = 2
const CONNECTIONS = 64
const DIRECT = 'no proxy'

/** How much later does an answer come when a proxy is half busy? */
export const question: Question = {
  name: 'latency',
  asks: 'How much later does an answer come, at half of the rate that the slowest of the programs can take?',
  answer,
}

async function answer({ rounds, seconds, told }: Effort): Promise<Answer> {
  const upstream = await startChild(UPSTREAM, '')
  const children: Child[] = [{ ...upstream, name: DIRECT }]
  const wanted: readonly Program[] = [HTTP_PROXY, STANDARD, EXPRESS, NGINX, HAPROXY]
  const programs = wanted.filter(isInstalled)
  const made = new Map<string, Latencies[]>()
  let rate = Number.POSITIVE_INFINITY
  try {
    for (const program of programs) {
      told(`warming up ${program.name}`)
      const child = await startChild(program, upstream.url)
      children.push(child)
      await measure(child, { path: PATH }, WARM_UP_SECONDS)
      rate = Math.min(rate, (await measure(child, { path: PATH }, seconds)).requestsPerSecond / 2)
    }
    for (let round = 1; round <= rounds; round++) {
      for (const { name, url, headers } of children) {
        const load = { url, headers, path: PATH, seconds, connections: CONNECTIONS }
        const latencies = await openLoop({ ...load, requestsPerSecond: Math.round(rate) })
        made.set(name, [...(made.get(name) ?? []), latencies])
      }
      told(`latency: round ${round} of ${rounds}`)
    }
  } finally {
    await Promise.all(children.slice(1).map((child) => child.stop()))
    await upstream.stop()
  }
  return {
    name: question.name,
    asks: question.asks,
    columns: ['added p50 ms', 'added p99 ms', 'p50 ms', 'p99 ms', 'p99.9 ms'].map((title) => ({
      title,
      digits: 2,
    })),
    rows: children.map(({ name }) => rowOf(name, made.get(name)!, made.get(DIRECT)!)),
    notes: [
      `Open loop, ${Math.round(rate)} requests/s, latency from the moment at which a request was due.`,
      'What is added is the difference to the same load on the upstream itself in the same round.',
    ],
  }
}

function rowOf(title: string, runs: readonly Latencies[], direct: readonly Latencies[]): Row {
  const of = (figure: keyof Latencies) => spread(runs.map((run) => run[figure]))
  const added = (figure: keyof Latencies) => spread(runs.map((run, i) => run[figure] - direct[i]![figure]))
  const itself = title === DIRECT
  return {
    title,
    figures: [
      itself ? null : added('p50Ms'),
      itself ? null : added('p99Ms'),
      of('p50Ms'),
      of('p99Ms'),
      of('p999Ms'),
    ],
    slices: runs,
  }
}
