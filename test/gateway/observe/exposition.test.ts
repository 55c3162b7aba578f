import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'
import { Exposition } from '../../../gateway/observe/exposition.ts'
import type { GatewayStatus } from '../../../gateway/observe/gateway-status.ts'
import { labelRoutes, NO_ROUTE, SeriesFactory } from '../../../gateway/observe/series.ts'
import { type LabelledRoute, labelledRoutes, SeriesReader } from '../../../gateway/observe/series-reader.ts'
import { ThreadSeries } from '../../../gateway/observe/thread-series.ts'
import { STATUS } from '../management/support.ts'
import { parseExposition } from './parse-exposition.ts'

const ROUTES: LabelledRoute[] = [
  { label: 'GET a.example/hello', backends: ['local', 'far'] },
  { label: NO_ROUTE, backends: [] },
]

function openExposition(routes = ROUTES, status: GatewayStatus = STATUS, mostDeployments = 10) {
  const memory = new SharedMemory()
  const reader = new SeriesReader(memory, 2, routes)
  const exposition = new Exposition({
    series: () => reader,
    status: () => status,
    threads: ['0', 'main'],
    mostDeployments,
  })
  const page = async () => parseExposition((await exposition.page()).text)
  return { page, exposition, memory, factory: new SeriesFactory(memory, 2, 0) }
}

test('calls show with route, backend, outcome and class of the status', async () => {
  const { page, factory } = openExposition()
  const series = factory.route('GET a.example/hello', ['local', 'far'])
  series.record(0, 'answered', 200, 0.02, 3, 4, 10, 100)
  series.record(0, 'answered', 204, 0.02, 3, 4, 10, 100)
  series.record(1, 'timeout', 504, 0.02, 900, 901, 0, 50)
  series.attempted(1, 'timeout', 900)
  factory.route(NO_ROUTE, []).record(-1, 'rejected', 404, 0.02, 0, 0.03, 0, 9)
  const { value } = await page()
  const route = 'GET a.example/hello'
  const requests = (labels: object) => value('dispatch_requests_total', labels)
  assert.equal(requests({ route, backend: 'local', outcome: 'answered', status: '2xx' }), 2)
  assert.equal(requests({ route, backend: 'far', outcome: 'timeout', status: '5xx' }), 1)
  assert.equal(requests({ route: 'none', backend: '-', outcome: 'rejected', status: '4xx' }), 1)
  assert.equal(value('dispatch_received_bytes_total', { route }), 20)
  assert.equal(value('dispatch_sent_bytes_total', { route }), 250)
  assert.equal(value('dispatch_request_duration_seconds_count', { route }), 3)
  assert.equal(value('dispatch_request_duration_seconds_bucket', { route, le: '0.005' }), 2)
  assert.equal(value('dispatch_request_duration_seconds_bucket', { route, le: '+Inf' }), 3)
  assert.equal(value('dispatch_request_duration_seconds_sum', { route }), 0.909)
  assert.equal(value('dispatch_phase_duration_seconds_count', { phase: 'access' }), 4)
  assert.equal(value('dispatch_phase_duration_seconds_count', { phase: 'relay' }), 3)
  assert.equal(value('dispatch_upstream_duration_seconds_sum', { backend: 'far' }), 0.9)
  assert.equal(value('dispatch_attempts_total', { backend: 'far', outcome: 'timeout' }), 1)
})

test('threads show their gauges and all their counters together', async () => {
  const { page, memory } = openExposition()
  const [worker, main] = [new ThreadSeries(memory, 2, 0), new ThreadSeries(memory, 2, 1)]
  worker.add('connections', 7)
  worker.set('lagP99Ms', 12.5)
  main.set('lagP99Ms', 1.5)
  worker.count('tokenCacheHits', 3)
  main.count('tokenCacheHits')
  worker.refused('GW_NO_ROUTE')
  const { value } = await page()
  assert.equal(value('dispatch_connections', { thread: '0' }), 7)
  assert.equal(value('dispatch_event_loop_lag_p99_seconds', { thread: '0' }), 0.0125)
  assert.equal(value('dispatch_event_loop_lag_p99_seconds', { thread: 'main' }), 0.0015)
  assert.equal(value('dispatch_token_cache_hits_total', {}), 4)
  assert.equal(value('dispatch_refusals_total', { code: 'GW_NO_ROUTE' }), 1)
})

test('what the main thread knows shows too', async () => {
  const { value } = await openExposition().page()
  assert.equal(value('dispatch_ready', {}), 1)
  assert.equal(value('dispatch_threads_serving', {}), 1)
  assert.equal(value('dispatch_thread_restarts_total', { thread: '1' }), 4)
  assert.equal(value('dispatch_config_generation', {}), 3)
  assert.equal(value('dispatch_config_reloads_total', { result: 'failed' }), 1)
  assert.equal(value('dispatch_backend_ready', { backend: 'local' }), 1)
  assert.equal(value('dispatch_backend_ready', { backend: 'far' }), undefined)
  const deployment = { organization: 'default', function: 'hello', backend: 'far', deployment: 'hi' }
  assert.equal(value('dispatch_deployment_in_flight', deployment), 1)
  assert.equal(value('dispatch_deployment_healthy', deployment), 0)
  assert.equal(value('dispatch_issuer_keys', { issuer: 'https://idp.example.com' }), 2)
  assert.ok(value('process_resident_memory_bytes', {})! > 0)
})

test('names from the configuration are escaped', async () => {
  const label = 'GET a.example/"quoted"\\path'
  const { page, factory } = openExposition([{ label, backends: [] }])
  factory.route(label, []).record(-1, 'rejected', 403, 0, 0, 1, 0, 0)
  const { value } = await page()
  const labels = { route: label, backend: '-', outcome: 'rejected', status: '4xx' }
  assert.equal(value('dispatch_requests_total', labels), 1)
})

test('series stay below a bound that the configuration sets, whatever is called (L04)', async () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `GET a.example/${i}`)
  // Of a configuration, what the labels are made of.
  const config = {
    gateway: { metrics: { routes: 50 } },
    functions: [{ organization: 'default', name: 'f', deployments: [{ backend: 'local', name: 'f' }] }],
    routes: names.map((name) => ({ name, organization: 'default', functionName: 'f' })),
  }
  const routes = labelledRoutes(config as unknown as Parameters<typeof labelledRoutes>[0])
  const deployments = names.map((name, i) => ({ ...STATUS.deployments[0]!, name, functionName: `f${i}` }))
  const { page, factory } = openExposition(routes, { ...STATUS, deployments }, 50)
  const labels = labelRoutes(names, 50)
  for (const label of labels) factory.route(label, ['local']).record(0, 'answered', 200, 0, 0, 1, 0, 0)
  const { samples, value } = await page()
  const count = (name: string) => samples.filter((sample) => sample.name === name).length
  assert.equal(count('dispatch_requests_total'), 51)
  assert.equal(count('dispatch_request_duration_seconds_count'), 51)
  assert.equal(count('dispatch_sent_bytes_total'), 52)
  assert.equal(count('dispatch_deployment_in_flight'), 51)
  const other = { route: 'other', backend: 'local', outcome: 'answered', status: '2xx' }
  assert.equal(value('dispatch_requests_total', other), 9_950)
  assert.equal(
    value('dispatch_deployment_in_flight', {
      organization: 'other',
      function: 'other',
      backend: 'local',
      deployment: 'other',
    }),
    9_950 * 2,
  )
})

test('the labels are these and no others, so nothing of a request can be one (L05)', async () => {
  const { page, factory } = openExposition()
  factory.route('GET a.example/hello', ['local', 'far']).record(0, 'answered', 200, 0, 0, 1, 0, 0)
  const { samples } = await page()
  const names = new Set(
    samples.filter(({ name }) => name.startsWith('dispatch_')).flatMap(({ labels }) => Object.keys(labels)),
  )
  const known = [
    'backend',
    'code',
    'deployment',
    'function',
    'issuer',
    'le',
    'node',
    'organization',
    'outcome',
    'reason',
  ]
  known.push('phase', 'reason', 'result', 'route', 'status', 'thread', 'version')
  assert.deepEqual(
    [...names].filter((name) => !known.includes(name)),
    [],
  )
})

test('two scrapes at once get whole pages', async () => {
  const { exposition } = openExposition()
  const pages = await Promise.all([exposition.page(), exposition.page()])
  for (const { text, contentType } of pages) {
    assert.equal(contentType, 'text/plain; version=0.0.4; charset=utf-8')
    assert.ok(parseExposition(text).samples.length > 100)
  }
})
