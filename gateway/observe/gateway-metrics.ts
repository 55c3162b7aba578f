import type { DeploymentStatus, GatewayStatus } from './gateway-status.ts'
import type { ReadMetric, Sample } from './metric.ts'
import type { SeriesReader } from './series-reader.ts'

const OTHER = 'other'

/**
 * Metrics of what the main thread knows: threads, configuration, backends, deployments, keys.
 *
 * @param mostDeployments Deployments with labels of their own; the rest are summed per backend as `other`.
 */
export function gatewayMetrics(status: () => GatewayStatus, mostDeployments: number): ReadMetric[] {
  const gauge = (name: string, help: string, read: (status: GatewayStatus) => Sample[]): ReadMetric => ({
    name,
    help,
    type: 'gauge',
    read: () => read(status()),
  })
  const counter = (name: string, help: string, read: (status: GatewayStatus) => Sample[]): ReadMetric => ({
    ...gauge(name, help, read),
    type: 'counter',
  })
  return [
    gauge('build_info', 'Always 1; the version is a label.', ({ version }) => [
      { labels: { version, node: process.version }, value: 1 },
    ]),
    gauge('ready', 'Whether the gateway serves and does not drain.', ({ state }) => [
      one(state === 'serving'),
    ]),
    gauge('threads_serving', 'Threads that serve a configuration.', ({ threads }) => [
      one(threads.filter(({ state }) => state === 'serving').length),
    ]),
    counter('thread_restarts_total', 'Threads replaced because they died or fell silent.', ({ threads }) =>
      threads.map(({ index, restarts }) => ({ labels: { thread: String(index) }, value: restarts })),
    ),
    gauge('config_generation', 'Number of the configuration that serves.', ({ configuration }) => [
      one(configuration.generation),
    ]),
    gauge('config_loaded_timestamp_seconds', 'When that configuration was taken.', ({ configuration }) => [
      one(configuration.loadedAt / 1000),
    ]),
    counter('config_reloads_total', 'Reloads by result.', ({ configuration: { reloads } }) => [
      { labels: { result: 'succeeded' }, value: reloads.succeeded },
      { labels: { result: 'failed' }, value: reloads.failed },
    ]),
    gauge('backend_ready', 'Result of the latest probe, for backends that are probed.', ({ backends }) =>
      backends
        .filter(({ ready }) => ready !== null)
        .map(({ name, ready }) => ({ labels: { backend: name }, value: Number(ready) })),
    ),
    gauge('deployment_in_flight', 'Calls that a deployment is serving.', ({ deployments }) =>
      perDeployment(deployments, mostDeployments, (group) => sum(group.map(({ inFlight }) => inFlight))),
    ),
    gauge(
      'deployment_healthy',
      '1, or 0 while ejected for failures; of `other` the share that is 1.',
      (now) =>
        perDeployment(
          now.deployments,
          mostDeployments,
          (group) => sum(group.map(({ healthy }) => Number(healthy))) / group.length,
        ),
    ),
    gauge(
      'deployment_pace_calls_per_second',
      'Calls a second of a deployment whose platform says that they come too fast; 0 for no limit.',
      ({ deployments }) =>
        perDeployment(deployments, mostDeployments, (group) =>
          sum(group.map(({ perSecond }) => perSecond ?? 0)),
        ),
    ),
    gauge('issuer_ready', 'Whether the latest fetch of the keys of an issuer succeeded.', ({ issuers }) =>
      issuers.map(({ issuer, state }) => ({ labels: { issuer }, value: Number(state === 'ready') })),
    ),
    gauge('issuer_keys', 'Keys of an issuer that are in use.', ({ issuers }) =>
      issuers.map(({ issuer, keys }) => ({ labels: { issuer }, value: keys })),
    ),
    gauge('issuer_keys_fetched_timestamp_seconds', 'When they were fetched; 0 for never.', ({ issuers }) =>
      issuers.map(({ issuer, fetchedAt }) => ({ labels: { issuer }, value: fetchedAt / 1000 })),
    ),
  ]
}

/**
 * Gauges that threads keep in shared memory.
 *
 * @param threads Label of each thread, by its index.
 */
export function threadMetrics(series: () => SeriesReader, threads: readonly string[]): ReadMetric[] {
  const perThread = (
    name: string,
    help: string,
    read: (reader: SeriesReader) => readonly number[],
  ): ReadMetric => ({
    name,
    help,
    type: 'gauge',
    read: () => read(series()).map((value, i) => ({ labels: { thread: threads[i] ?? String(i) }, value })),
  })
  const seconds = (milliseconds: readonly number[]) => milliseconds.map((ms) => ms / 1000)
  return [
    perThread('connections', 'Open client connections.', (reader) => reader.gauges('connections')),
    perThread('requests_in_flight', 'Calls between their head and their last byte.', (reader) =>
      reader.gauges('inFlight'),
    ),
    perThread('websockets', 'Open WebSockets.', (reader) => reader.gauges('webSockets')),
    perThread('requests_waiting', 'Calls that wait for a free slot.', (reader) => reader.gauges('waiting')),
    perThread('event_loop_lag_p50_seconds', 'Median delay of the event loop in the last second.', (reader) =>
      seconds(reader.gauges('lagP50Ms')),
    ),
    perThread('event_loop_lag_p99_seconds', 'Its 99th percentile.', (reader) =>
      seconds(reader.gauges('lagP99Ms')),
    ),
    perThread('event_loop_lag_max_seconds', 'Its maximum.', (reader) => seconds(reader.gauges('lagMaxMs'))),
    perThread(
      'event_loop_utilization_ratio',
      'Share of the last second that the event loop was busy.',
      (reader) => reader.gauges('utilization'),
    ),
  ]
}

function perDeployment(
  deployments: readonly DeploymentStatus[],
  most: number,
  value: (group: readonly DeploymentStatus[]) => number,
): Sample[] {
  const groups = Map.groupBy(deployments, (deployment) => {
    const { organization, functionName, backend, name } = deployment
    return JSON.stringify([organization, functionName, backend, name])
  })
  const own = [...groups.values()].slice(0, most)
  const rest = Map.groupBy([...groups.values()].slice(most).flat(), ({ backend }) => backend)
  return [
    ...own.map((group) => {
      const { organization, functionName, backend, name } = group[0]!
      return {
        labels: { organization, function: functionName, backend, deployment: name },
        value: value(group),
      }
    }),
    ...[...rest].map(([backend, group]) => ({
      labels: { organization: OTHER, function: OTHER, backend, deployment: OTHER },
      value: value(group),
    })),
  ]
}

function one(value: number | boolean): Sample {
  return { labels: {}, value: Number(value) }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
