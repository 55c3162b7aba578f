import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { HeldCount, releaseHeldBy } from '../../../gateway/capacity/held-count.ts'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'

const THREADS = 4
const ROUNDS = 5000

/** Takes and gives back as fast as it can, so many times, and tells how often it was not alone inside. */
const CONTENDER = `
const { workerData, parentPort } = require('node:worker_threads')
import(workerData.held).then(async ({ HeldCount }) => {
  const { SharedMemoryView } = await import(workerData.view)
  const count = new HeldCount(new SharedMemoryView(workerData.map), 'contended', workerData.threads, workerData.thread)
  const inside = new Int32Array(workerData.inside)
  let taken = 0
  let crowded = 0
  while (taken < workerData.rounds) {
    if (!count.tryAcquire(1)) continue
    taken++
    if (Atomics.add(inside, 0, 1) !== 0) crowded++
    Atomics.sub(inside, 0, 1)
    count.release()
  }
  parentPort.postMessage(crowded)
})`

test('a limit of one is never passed by four threads that contend for it', async () => {
  const memory = new SharedMemory()
  const count = new HeldCount(memory, 'contended', THREADS, 0)
  const inside = new SharedArrayBuffer(4)
  const module = (name: string) => new URL(`../../../gateway/capacity/${name}.ts`, import.meta.url).href
  const workers = Array.from({ length: THREADS }, (_, thread) => {
    const workerData = {
      held: module('held-count'),
      view: module('shared-memory'),
      map: memory.map(),
      inside,
      thread,
      threads: THREADS,
      rounds: ROUNDS,
    }
    return new Worker(CONTENDER, { eval: true, workerData })
  })
  const reports = await Promise.all(
    workers.map(async (worker) => (await once(worker, 'message'))[0] as number),
  )
  assert.deepEqual(reports, [0, 0, 0, 0])
  assert.equal(count.value, 0)
})

test('what a dead thread held is given back, and only that', () => {
  const memory = new SharedMemory()
  const dead = new HeldCount(memory, 'k', THREADS, 1)
  const alive = new HeldCount(memory, 'k', THREADS, 2)
  assert.ok(dead.tryAcquire(3) && dead.tryAcquire(3) && alive.tryAcquire(3) && !alive.tryAcquire(3))
  releaseHeldBy(1, memory)
  assert.equal(alive.value, 1)
  releaseHeldBy(1, memory)
  assert.equal(alive.value, 1)
})
