import { histogramSamples, type ReadMetric, type Sample } from './metric.ts'
import { COUNTERS, type Counter, PHASES } from './series-blocks.ts'
import type { BackendReading, SeriesReader } from './series-reader.ts'

/**
 * Metrics that the data-plane threads count in shared memory. Labels come from the configuration and from fixed lists
 * alone. A route that a reload takes away takes its series with it.
 *
 * @param series The numbers of the configuration that serves now.
 */
export function callMetrics(series: () => SeriesReader): ReadMetric[] {
  const perRoute = (samples: (route: string, reader: SeriesReader) => Sample[]) => () => {
    const reader = series()
    return reader.routes.flatMap((route) => samples(route, reader))
  }
  const perBackend = (samples: (backend: string, reading: BackendReading) => Sample[]) => () => {
    const reader = series()
    return reader.backends.flatMap((backend) => samples(backend, reader.backend(backend)))
  }
  return [
    {
      name: 'requests_total',
      help: 'Calls by route, backend of the last attempt, outcome and class of the status that the client got.',
      type: 'counter',
      read: perRoute((route, reader) =>
        reader.requests(route).map(({ backend, outcome, status, count }) => ({
          labels: { route, backend, outcome, status },
          value: count,
        })),
      ),
    },
    {
      name: 'request_duration_seconds',
      help: 'From the head of the request to the last byte of the answer.',
      type: 'histogram',
      read: perRoute((route, reader) => {
        const { duration } = reader.route(route)
        return duration.count === 0 ? [] : histogramSamples('request_duration_seconds', { route }, duration)
      }),
    },
    {
      name: 'received_bytes_total',
      help: 'Bytes of request bodies.',
      type: 'counter',
      read: perRoute((route, reader) => [{ labels: { route }, value: reader.route(route).bytesIn }]),
    },
    {
      name: 'sent_bytes_total',
      help: 'Bytes of the bodies that clients got.',
      type: 'counter',
      read: perRoute((route, reader) => [{ labels: { route }, value: reader.route(route).bytesOut }]),
    },
    {
      name: 'phase_duration_seconds',
      help: 'Parts of calls: access, waiting for a free slot (queue), until the head of the answer (upstream), until its last byte (relay).',
      type: 'histogram',
      read: () =>
        PHASES.flatMap((phase) =>
          histogramSamples('phase_duration_seconds', { phase }, series().phase(phase)),
        ),
    },
    {
      name: 'upstream_duration_seconds',
      help: 'Attempts on a backend, from their start to the head of the answer or the failure.',
      type: 'histogram',
      read: perBackend((backend, { duration }) =>
        histogramSamples('upstream_duration_seconds', { backend }, duration),
      ),
    },
    {
      name: 'attempts_total',
      help: 'Attempts on a backend by outcome; more than requests where calls were tried again.',
      type: 'counter',
      read: perBackend((backend, { attempts }) =>
        [...attempts].map(([outcome, value]) => ({ labels: { backend, outcome }, value })),
      ),
    },
    {
      name: 'refusals_total',
      help: 'Problem documents that clients got, by code.',
      type: 'counter',
      read: () => [...series().refusals()].map(([code, value]) => ({ labels: { code }, value })),
    },
    {
      name: 'websockets_closed_total',
      help: 'WebSockets that are over, by what ended them.',
      type: 'counter',
      read: () => [...series().webSocketEnds()].map(([end, value]) => ({ labels: { end }, value })),
    },
    {
      name: 'express_handovers_total',
      help: 'Connections that the express lane left to the standard lane, by what their next request had.',
      type: 'counter',
      read: () => [...series().handovers()].map(([reason, value]) => ({ labels: { reason }, value })),
    },
    ...COUNTERS.map((counter) => ({
      ...COUNTER_TEXTS[counter],
      type: 'counter' as const,
      read: () => [{ labels: {}, value: series().counter(counter) }],
    })),
  ]
}

const COUNTER_TEXTS: Readonly<Record<Counter, { readonly name: string; readonly help: string }>> = {
  connectionsAccepted: { name: 'connections_total', help: 'Client connections that were accepted.' },
  connectionsRefused: {
    name: 'connections_refused_total',
    help: 'Client connections that were closed at once because there were too many.',
  },
  parseErrors: { name: 'parse_errors_total', help: 'Requests whose bytes were not HTTP that we accept.' },
  unhandledRejections: {
    name: 'unhandled_rejections_total',
    help: 'Promises and exceptions that nobody handled: faults of the gateway, a driver or a plugin.',
  },
  tokenCacheHits: { name: 'token_cache_hits_total', help: 'Tokens that were verified before.' },
  tokenCacheMisses: { name: 'token_cache_misses_total', help: 'Tokens that had to be verified.' },
  logLinesDropped: {
    name: 'log_lines_dropped_total',
    help: 'Lines of the log that were lost because its reader was too slow.',
  },
  coldStarts: { name: 'cold_starts_total', help: 'Answers that were late because no instance ran.' },
  hedges: {
    name: 'hedges_total',
    help: 'Calls that were sent to a second deployment because the first was slow.',
  },
  hedgesWon: { name: 'hedges_won_total', help: 'Calls of which the second deployment answered first.' },
  webSocketsOpened: { name: 'websockets_opened_total', help: 'WebSockets that were opened.' },
  webSocketBytesIn: {
    name: 'websocket_received_bytes_total',
    help: 'Bytes of messages of clients, of WebSockets that are over.',
  },
  webSocketBytesOut: {
    name: 'websocket_sent_bytes_total',
    help: 'Bytes of messages of functions, of WebSockets that are over.',
  },
}
