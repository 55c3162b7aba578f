import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { rateLimit } from '../../../gateway/plugins/rate-limit.ts'
import { type Memory, pluginHost } from './host.ts'

const THREADS = 4

test('over all threads exactly the limit passes', async () => {
  const by = 'address' as const
  const options = { limit: 12_345, window: 86_400_000, by, also: [], keys: null, announce: true }
  const memory: Memory = new Map()
  rateLimit(Date.now).create(options, pluginHost(memory))
  // As fresh as the gateway hands it out: the threads have to agree on the key of their hash.
  for (const piece of memory.values()) new Uint8Array(piece).fill(0)
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const workerData = { options, memory, gate, calls: 20_000 }
  const workers = Array.from(
    { length: THREADS },
    () => new Worker(new URL('./rate-limit-thread.ts', import.meta.url), { workerData }),
  )
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const passed = workers.map((worker) => once(worker, 'message'))
  Atomics.store(gate, 0, 1)
  Atomics.notify(gate, 0)
  const counts: number[] = (await Promise.all(passed)).map(([count]) => count)
  assert.equal(
    counts.reduce((sum, count) => sum + count),
    12_345,
  )
})
