import type { Metric, Registry } from 'prom-client'
import { BOUNDS_MS, type HistogramReading } from './histogram.ts'

export type Labels = Readonly<Record<string, string>>

/** One line of the exposition. */
export interface Sample {
  readonly labels: Labels
  readonly value: number
  /** Name when it is not the metric's own, as for the parts of a histogram. */
  readonly metricName?: string
}

/** A metric whose numbers are read when somebody asks, and kept nowhere in between. */
export interface ReadMetric {
  /** Without the prefix `dispatch_`. */
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  read(): Sample[]
}

const PREFIX = 'dispatch_'

/** Gives a registry a metric that it asks at every scrape. */
export function registerRead(registry: Registry, metric: ReadMetric): void {
  const name = PREFIX + metric.name
  const { help, type } = metric
  const asked = { name, help, type, get: async () => ({ name, help, type, values: metric.read() }) }
  // prom-client declares its four classes only, and asks nothing of a metric but a name and `get`.
  registry.registerMetric(asked as unknown as Metric)
}

/** The lines of a histogram of seconds with these labels. */
export function histogramSamples(name: string, labels: Labels, reading: HistogramReading): Sample[] {
  const metricName = `${PREFIX}${name}_bucket`
  const samples: Sample[] = reading.cumulative.map((value, i) => ({
    metricName,
    labels: { ...labels, le: BOUNDS_SECONDS[i]! },
    value,
  }))
  samples.push(
    { metricName, labels: { ...labels, le: '+Inf' }, value: reading.count },
    { metricName: `${PREFIX}${name}_sum`, labels, value: reading.sumSeconds },
    { metricName: `${PREFIX}${name}_count`, labels, value: reading.count },
  )
  return samples
}

const BOUNDS_SECONDS = BOUNDS_MS.map((ms) => String(ms / 1000))
