import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { SharedMemory, SharedMemoryView } from '../../../gateway/capacity/shared-memory.ts'
import { BOUNDS_MS } from '../../../gateway/observe/histogram.ts'
import { labelRoutes, OTHER_ROUTES, SeriesFactory } from '../../../gateway/observe/series.ts'
import { NO_BACKEND, SeriesReader } from '../../../gateway/observe/series-reader.ts'

const ROUTE = { label: 'GET a.example/hello', backends: ['near', 'far'] }

function openSeries(routes = [ROUTE], threads = 2) {
  const memory = new SharedMemory()
  const reader = new SeriesReader(memory, threads, routes)
  const view = new SharedMemoryView(memory.map())
  return { reader, factory: (thread: number) => new SeriesFactory(view, threads, thread) }
}

test('what threads count is summed at reading', () => {
  const { reader, factory } = openSeries()
  for (const thread of [0, 1]) {
    const series = factory(thread).route(ROUTE.label, ROUTE.backends)
    series.record(0, 'answered', 200, 0.05, 3, 4, 10, 1000)
    series.record(1, 'timeout', 504, 0.05, 3, 4, 0, 200)
    series.record(-1, 'rejected', 401, 0.05, 0, 0.1, 0, 30)
  }
  const { bytesIn, bytesOut, duration } = reader.route(ROUTE.label)
  const requests = reader.requests(ROUTE.label)
  assert.deepEqual(requests, [
    { backend: NO_BACKEND, outcome: 'rejected', status: '4xx', count: 2 },
    { backend: 'near', outcome: 'answered', status: '2xx', count: 2 },
    { backend: 'far', outcome: 'timeout', status: '5xx', count: 2 },
  ])
  assert.deepEqual([bytesIn, bytesOut, duration.count], [20, 2460, 6])
  assert.equal(reader.phase('access').count, 6)
  assert.equal(reader.phase('upstream').count, 4)
  assert.equal(reader.phase('relay').count, 4)
})

test('a wait for a free slot is a phase of its own', () => {
  const { reader, factory } = openSeries()
  const series = factory(0).route(ROUTE.label, ROUTE.backends)
  series.record(0, 'answered', 200, 1, 20, 100, 0, 0, 70)
  series.record(0, 'answered', 200, 1, 20, 30, 0, 0)
  series.record(-1, 'rejected', 503, 1, 0, 31, 0, 0, 30)
  assert.equal(reader.phase('queue').count, 2)
  assert.equal(reader.phase('queue').sumSeconds, 0.1)
  assert.ok(Math.abs(reader.phase('relay').sumSeconds - 0.018) < 1e-9)
})

test('every status has a class, also those that HTTP does not know', () => {
  const { reader, factory } = openSeries()
  const series = factory(0).route(ROUTE.label, ROUTE.backends)
  for (const status of [0, 101, 200, 299, 304, 404, 499, 500, 599, 600, 999, -1, Number.NaN]) {
    series.record(0, 'answered', status, 0, 0, 0, 0, 0)
  }
  const counts = Object.fromEntries(reader.requests(ROUTE.label).map((r) => [r.status, r.count]))
  assert.deepEqual(counts, { other: 5, '1xx': 1, '2xx': 2, '3xx': 1, '4xx': 2, '5xx': 2 })
})

test('a duration falls into the first bucket whose bound it does not exceed', () => {
  const { reader, factory } = openSeries()
  const series = factory(0).route(ROUTE.label, ROUTE.backends)
  for (const bound of BOUNDS_MS) series.record(0, 'answered', 200, 0, 0, bound, 0, 0)
  series.record(0, 'answered', 200, 0, 0, 3_600_000, 0, 0)
  const { duration } = reader.route(ROUTE.label)
  assert.deepEqual(
    duration.cumulative,
    BOUNDS_MS.map((_, i) => i + 1),
  )
  assert.equal(duration.count, BOUNDS_MS.length + 1)
  const sumMs = BOUNDS_MS.reduce((sum, bound) => sum + bound, 3_600_000)
  assert.ok(Math.abs(duration.sumSeconds - sumMs / 1000) < 1e-6)
})

test('a clock that goes wrong does not spoil a sum', () => {
  const { reader, factory } = openSeries()
  const series = factory(0).route(ROUTE.label, ROUTE.backends)
  for (const ms of [-5, Number.NaN, Number.POSITIVE_INFINITY, 2])
    series.record(0, 'answered', 200, ms, ms, ms, 0, 0)
  assert.equal(reader.route(ROUTE.label).duration.count, 4)
  assert.equal(reader.route(ROUTE.label).duration.sumSeconds, 0.002)
  assert.ok(reader.phase('relay').sumSeconds <= 0.005)
})

test('counters go on beyond 32 bits', () => {
  const { reader, factory } = openSeries()
  const series = factory(0).route(ROUTE.label, ROUTE.backends)
  for (let i = 0; i < 3; i++) series.record(0, 'answered', 200, 0, 0, 0, 2 ** 32 - 1, 2 ** 40)
  series.record(0, 'answered', 200, 0, 0, 0, 1, 1)
  assert.equal(reader.route(ROUTE.label).bytesIn, 3 * (2 ** 32 - 1) + 1)
  assert.equal(reader.route(ROUTE.label).bytesOut, 3 * 2 ** 40 + 1)
})

test('attempts are counted per backend over all routes', () => {
  const routes = [ROUTE, { label: 'GET a.example/other', backends: ['far'] }]
  const { reader, factory } = openSeries(routes)
  const series = factory(0)
  series.route(ROUTE.label, ROUTE.backends).attempted(1, 'unreachable', 7)
  series.route('GET a.example/other', ['far']).attempted(0, 'answered', 9)
  assert.deepEqual(
    [...reader.backend('far').attempts],
    [
      ['answered', 1],
      ['unreachable', 1],
    ],
  )
  assert.equal(reader.backend('far').duration.sumSeconds, 0.016)
  assert.equal(reader.backend('near').duration.count, 0)
})

test('ten thousand routes have as many labels as the configuration allows (L04)', () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `GET a.example/${i}`)
  const labels = labelRoutes(names, 100)
  assert.equal(labels.length, 10_000)
  assert.equal(new Set(labels).size, 101)
  assert.deepEqual([labels[99], labels[100], labels[9_999]], [names[99], OTHER_ROUTES, OTHER_ROUTES])
})

test('routes without a label of their own share one, whatever their backends', () => {
  const routes = [
    { label: OTHER_ROUTES, backends: ['near'] },
    { label: OTHER_ROUTES, backends: ['far', 'near'] },
  ]
  const { reader, factory } = openSeries(routes)
  const series = factory(0)
  series.route(OTHER_ROUTES, ['near']).record(0, 'answered', 200, 0, 0, 1, 0, 0)
  series.route(OTHER_ROUTES, ['far', 'near']).record(1, 'answered', 200, 0, 0, 1, 0, 0)
  assert.deepEqual(reader.routes, [OTHER_ROUTES])
  assert.deepEqual(reader.requests(OTHER_ROUTES), [
    { backend: 'near', outcome: 'answered', status: '2xx', count: 2 },
  ])
})

test('a reload keeps what was counted, also when the backends of a route change', () => {
  const memory = new SharedMemory()
  memory.begin(1)
  const before = new SeriesReader(memory, 1, [ROUTE])
  new SeriesFactory(memory, 1, 0).route(ROUTE.label, ROUTE.backends).record(1, 'answered', 200, 0, 0, 1, 0, 0)
  memory.begin(2)
  const changed = { label: ROUTE.label, backends: ['third', 'far'] }
  const after = new SeriesReader(memory, 1, [changed])
  new SeriesFactory(memory, 1, 0)
    .route(changed.label, changed.backends)
    .record(1, 'answered', 200, 0, 0, 1, 0, 0)
  memory.retireBefore(2)
  assert.deepEqual(after.requests(ROUTE.label), [
    { backend: 'far', outcome: 'answered', status: '2xx', count: 2 },
  ])
  assert.deepEqual(before.backends, ['near', 'far'])
})

test('readers beside threads at work see numbers that only grow and agree with each other', async () => {
  const threads = 2
  const calls = 200_000
  const memory = new SharedMemory()
  const reader = new SeriesReader(memory, threads, [ROUTE])
  const workers = Array.from(
    { length: threads },
    (_, thread) =>
      new Worker(new URL('./record-calls.ts', import.meta.url), {
        workerData: { map: memory.map(), threads, thread, calls, route: ROUTE },
      }),
  )
  let done = 0
  for (const worker of workers) void once(worker, 'exit').then(() => done++)
  let last = 0
  while (done < threads) {
    const { duration } = reader.route(ROUTE.label)
    const requests = reader.requests(ROUTE.label)
    assert.ok(duration.count >= last)
    assert.ok(duration.cumulative.every((count, i) => i === 0 || count >= duration.cumulative[i - 1]!))
    assert.ok(requests.every(({ count }) => Number.isInteger(count) && count <= threads * calls))
    last = duration.count
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { duration, bytesIn } = reader.route(ROUTE.label)
  const requests = reader.requests(ROUTE.label)
  assert.equal(duration.count, threads * calls)
  assert.equal(bytesIn, threads * calls * 3)
  assert.deepEqual(requests, [
    { backend: 'near', outcome: 'answered', status: '2xx', count: threads * calls },
  ])
})
