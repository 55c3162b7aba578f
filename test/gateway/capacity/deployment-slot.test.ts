import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { DeploymentSlot } from '../../../gateway/capacity/deployment-slot.ts'
import { releaseHeldBy } from '../../../gateway/capacity/held-count.ts'
import { type SharedMap, SharedMemory } from '../../../gateway/capacity/shared-memory.ts'

const EPOCH = Date.UTC(2026, 10, 1)
const THREADS = 3

function slotIn(memory: SharedMemory, thread = 0, key = 'default/f@b/f'): DeploymentSlot {
  return new DeploymentSlot(memory, key, THREADS, thread, EPOCH)
}

/** A slot and a clock that begins when the gateway does. */
function watched(): {
  slot: DeploymentSlot
  fail(times: number): boolean
  advance(ms: number): void
  now(): number
} {
  const slot = slotIn(new SharedMemory())
  let now = EPOCH
  return {
    slot,
    now: () => now,
    advance: (ms) => {
      now += ms
    },
    fail: (times) => {
      let ejected = false
      for (let i = 0; i < times; i++) ejected = slot.failed(now) || ejected
      return ejected
    },
  }
}

test('four failures in a row do not eject, the fifth does', () => {
  const { slot, fail, now } = watched()
  assert.equal(fail(4), false)
  assert.ok(slot.isHealthy(now()))
  assert.equal(fail(1), true)
  assert.ok(!slot.isHealthy(now()))
})

test('an answer in between begins the count anew', () => {
  const { slot, fail, now } = watched()
  fail(4)
  slot.succeeded(now())
  assert.equal(fail(4), false)
  assert.ok(slot.isHealthy(now()))
  assert.equal(fail(1), true)
})

test('an ejection lasts 30 s', () => {
  const { slot, fail, advance, now } = watched()
  fail(5)
  advance(9_999)
  assert.ok(!slot.isHealthy(now()))
  advance(20_000)
  assert.ok(!slot.isHealthy(now()), 'still out a millisecond before')
  advance(1)
  assert.ok(slot.isHealthy(now()))
})

test('the second ejection lasts 60 s, the third 90 s, none longer than five minutes', () => {
  const { slot, fail, advance, now } = watched()
  for (const seconds of [30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300]) {
    assert.equal(fail(5), true, `ejected for ${seconds} s`)
    advance(seconds * 1000 - 1)
    assert.ok(!slot.isHealthy(now()), `out for ${seconds} s`)
    advance(1)
    assert.ok(slot.isHealthy(now()), `back after ${seconds} s`)
  }
})

test('what fails while it is ejected does not make the ejection longer', () => {
  const { slot, fail, advance, now } = watched()
  fail(5)
  advance(10_000)
  assert.equal(fail(4), false)
  advance(20_000)
  assert.ok(slot.isHealthy(now()))
})

test('one that served well for as long as it was ejected is forgiven', () => {
  const { slot, fail, advance, now } = watched()
  fail(5)
  advance(30_000)
  slot.succeeded(now())
  advance(29_999)
  slot.succeeded(now())
  fail(5)
  advance(30_000)
  assert.ok(!slot.isHealthy(now()), 'too early: the second ejection counts as such')
  advance(30_001)
  slot.succeeded(now())
  advance(60_000)
  slot.succeeded(now())
  advance(30_000)
  slot.succeeded(now())
  fail(5)
  advance(30_000)
  assert.ok(slot.isHealthy(now()), 'forgiven: the next ejection is a first one')
})

test('all threads count the same calls, and a dead thread holds none', () => {
  const memory = new SharedMemory()
  const first = slotIn(memory, 0)
  const second = slotIn(memory, 1)
  first.acquire()
  second.acquire()
  second.acquire()
  assert.equal(first.inFlight, 3)
  second.release()
  assert.equal(second.inFlight, 2)
  releaseHeldBy(1, memory)
  assert.equal(first.inFlight, 1)
  releaseHeldBy(1, memory)
  assert.equal(first.inFlight, 1)
  first.release()
  assert.equal(second.inFlight, 0)
})

test('a dead thread gives back slots of earlier configurations too', () => {
  const memory = new SharedMemory()
  memory.begin(1)
  const gone = slotIn(memory, 0, 'default/gone@b/gone')
  gone.acquire()
  memory.begin(2)
  slotIn(memory, 0)
  releaseHeldBy(0, memory)
  memory.begin(3)
  assert.equal(slotIn(memory, 1, 'default/gone@b/gone').inFlight, 0)
})

/** Fails and serves a Deployment as often as it is told to, on a thread of its own. */
const HAMMER = `
const { workerData, parentPort } = require('node:worker_threads')
void (async () => {
  const { SharedMemoryView } = await import(workerData.memory)
  const { DeploymentSlot } = await import(workerData.slot)
  const { map, thread, threads, epoch, rounds } = workerData
  const slot = new DeploymentSlot(new SharedMemoryView(map), 'hammered', threads, thread, epoch)
  let ejections = 0
  for (let i = 0; i < rounds; i++) {
    slot.acquire()
    if (slot.failed(epoch)) ejections++
    slot.release()
  }
  parentPort.postMessage(ejections)
})()`

test('of threads that see the same outage one ejects, and no call is lost from the count', async () => {
  const memory = new SharedMemory()
  const slot = slotIn(memory, 2, 'hammered')
  const ejections = await Promise.all([hammer(0, memory.map()), hammer(1, memory.map())])
  assert.equal(ejections[0]! + ejections[1]!, 1)
  assert.equal(slot.inFlight, 0)
  assert.ok(!slot.isHealthy(EPOCH + 29_999))
  assert.ok(slot.isHealthy(EPOCH + 30_000), 'ejected once, not twice')
})

async function hammer(thread: number, map: SharedMap): Promise<number> {
  const at = (path: string) => new URL(`../../../gateway/capacity/${path}.ts`, import.meta.url).href
  const worker = new Worker(HAMMER, {
    eval: true,
    workerData: {
      memory: at('shared-memory'),
      slot: at('deployment-slot'),
      map,
      thread,
      threads: THREADS,
      epoch: EPOCH,
      rounds: 50_000,
    },
  })
  const [ejections] = (await once(worker, 'message')) as [number]
  await worker.terminate()
  return ejections
}
