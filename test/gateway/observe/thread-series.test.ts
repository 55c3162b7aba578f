import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'
import { measureEventLoop } from '../../../gateway/observe/event-loop-lag.ts'
import { SeriesReader } from '../../../gateway/observe/series-reader.ts'
import { ThreadSeries } from '../../../gateway/observe/thread-series.ts'

function openThreads(threads = 2) {
  const memory = new SharedMemory()
  const reader = new SeriesReader(memory, threads, [])
  return { reader, start: (thread: number) => new ThreadSeries(memory, threads, thread) }
}

test('counters are summed over threads and gauges are kept apart', () => {
  const { reader, start } = openThreads()
  const [first, second] = [start(0), start(1)]
  first.count('parseErrors')
  second.count('parseErrors')
  second.count('tokenCacheHits')
  first.add('connections', 3)
  second.add('connections', 2)
  second.add('connections', -1)
  assert.equal(reader.counter('parseErrors'), 2)
  assert.equal(reader.counter('tokenCacheHits'), 1)
  assert.equal(reader.counter('tokenCacheMisses'), 0)
  assert.deepEqual(reader.gauges('connections'), [3, 1])
})

test('a thread that takes the place of another keeps its counters and forgets its gauges', () => {
  const { reader, start } = openThreads()
  const dies = start(1)
  dies.add('inFlight', 7)
  dies.add('connections', 9)
  dies.count('connectionsAccepted')
  start(1).count('connectionsAccepted')
  assert.deepEqual(reader.gauges('inFlight'), [0, 0])
  assert.deepEqual(reader.gauges('connections'), [0, 0])
  assert.equal(reader.counter('connectionsAccepted'), 2)
})

test('refusals are counted by their code', () => {
  const { reader, start } = openThreads()
  const thread = start(0)
  thread.refused('GW_NO_ROUTE')
  thread.refused('GW_NO_ROUTE')
  start(1).refused('GW_TIMEOUT')
  assert.deepEqual(
    [...reader.refusals()],
    [
      ['GW_NO_ROUTE', 2],
      ['GW_TIMEOUT', 1],
    ],
  )
})

test('a thread that blocks its event loop shows it', async () => {
  const gauges = new Map<string, number>()
  const measured = Promise.withResolvers<void>()
  const stop = measureEventLoop(
    {
      set: (gauge, value) => {
        gauges.set(gauge, value)
        if (gauge === 'utilization' && gauges.get('lagMaxMs')! > 0) measured.resolve()
      },
    },
    100,
  )
  const blocker = setInterval(() => {
    const until = performance.now() + 60
    while (performance.now() < until);
  }, 1)
  await measured.promise
  clearInterval(blocker)
  stop()
  assert.ok(gauges.get('lagMaxMs')! >= 20, `${gauges.get('lagMaxMs')}`)
  assert.ok(gauges.get('utilization')! > 0.1, `${gauges.get('utilization')}`)
  assert.ok(gauges.get('lagP50Ms')! <= gauges.get('lagP99Ms')!)
})
