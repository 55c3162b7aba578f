import type { BackendResult, SimulationResult } from '../simulation/simulation-result.ts'
import { printable } from './printable.ts'
import { section, table } from './table.ts'

/** What became of a load; of several configurations side by side, with the difference of the second to the first. */
export function simulationText(results: readonly SimulationResult[]): string {
  const [first] = results
  const backends = [...new Set(results.flatMap((one) => usedOf(one).map(({ name }) => name)))]
  return [
    `${Math.round(first!.lengthMs / 1000)} s of load, seed ${first!.seed}\n`,
    section(['', ...results.map(({ file }) => file), ...differenceHead(results)], totals(results)),
    section(
      ['BACKEND', 'SERVED', 'SHARE', 'P50', 'P99', 'IN FLIGHT', 'PEAK', 'FAILED', 'MONEY', ''],
      backends.flatMap((name) => results.map((one, i) => backendRow(one, name, results.length > 1 ? i : -1))),
    ),
    section(
      ['BACKEND', 'TIER', 'ATTEMPTS', ''],
      results.flatMap((one, i) =>
        usedOf(one).flatMap((backend) => tierRows(backend, results.length > 1 ? i : -1)),
      ),
    ),
    ...results.map(notes),
  ].join('')
}

/** Those that anything was sent to. */
function usedOf({ backends }: SimulationResult): readonly BackendResult[] {
  return backends.filter(({ attempts }) => attempts > 0)
}

function differenceHead(results: readonly unknown[]): string[] {
  return results.length > 1 ? ['DIFFERENCE'] : []
}

interface Total {
  readonly name: string
  readonly value: (one: SimulationResult) => number
  readonly say: (value: number) => string
}

const TOTALS: readonly Total[] = [
  { name: 'calls', value: ({ calls }) => calls.arrived, say: String },
  { name: 'served', value: ({ calls }) => (100 * calls.served) / Math.max(1, calls.arrived), say: percent },
  { name: 'refused', value: ({ calls }) => sum(calls.refused), say: String },
  { name: 'failed', value: ({ calls }) => sum(calls.failed), say: String },
  { name: 'answered with an error', value: ({ calls }) => calls.errors, say: String },
  { name: 'second tries', value: ({ calls }) => calls.retries, say: String },
  { name: 'waited', value: ({ calls }) => calls.waited, say: String },
  { name: 'wait p95', value: ({ waitMs }) => waitMs.p95, say: ms },
  { name: 'latency p50', value: ({ latencyMs }) => latencyMs.p50, say: ms },
  { name: 'latency p95', value: ({ latencyMs }) => latencyMs.p95, say: ms },
  { name: 'latency p99', value: ({ latencyMs }) => latencyMs.p99, say: ms },
  { name: 'money', value: ({ money }) => money, say: money },
]

function totals(results: readonly SimulationResult[]): string[][] {
  return TOTALS.map(({ name, value, say }) => {
    const values = results.map(value)
    const difference = values.length > 1 ? values[1]! - values[0]! : null
    const signed = difference === null ? [] : [`${difference > 0 ? '+' : ''}${say(difference)}`]
    return [name, ...values.map(say), ...signed]
  })
}

/** @param index Of the configuration; -1 when there is one. */
function backendRow(result: SimulationResult, name: string, index: number): string[] {
  const backend = result.backends.find((one) => one.name === name)
  const where = whereOf(index)
  if (backend === undefined) return [name, '', '', '', '', '', '', '', '', where]
  const { capacity, inFlight, latencyMs } = backend
  return [
    name,
    String(backend.served),
    percent(100 * backend.share),
    ms(latencyMs.p50),
    ms(latencyMs.p99),
    String(Math.round(inFlight.mean * 10) / 10),
    capacity === null ? String(inFlight.peak) : `${inFlight.peak} of ${capacity}`,
    String(sum(backend.failures)),
    money(backend.money),
    where,
  ]
}

function tierRows({ name, tiers }: BackendResult, index: number): string[][] {
  return Object.entries(tiers).map(([tier, attempts]) => [name, tier, String(attempts), whereOf(index)])
}

function whereOf(index: number): string {
  return index < 0 ? '' : `(${index + 1})`
}

function notes({ file, notes, calls }: SimulationResult): string {
  const reasons = [...Object.entries(calls.refused), ...Object.entries(calls.failed)]
  const lines = [
    ...notes.map(({ atMs, text }) => [`${(atMs / 1000).toFixed(1)} s`, text]),
    ...reasons.map(([reason, count]) => [String(count), `refused or failed: ${reason}`]),
  ]
  return lines.length === 0 ? '' : `\n${printable(file)}:\n${table(lines, '  ')}`
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

function percent(value: number): string {
  return `${Math.round(value * 100) / 100} %`
}

function ms(value: number): string {
  return `${Math.round(value * 10) / 10} ms`
}

/** Four digits that count. */
function money(value: number): string {
  return String(Number(value.toPrecision(4)))
}
