import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { releaseHeldBy } from '../../../gateway/capacity/held-count.ts'
import { SharedMemory } from '../../../gateway/capacity/shared-memory.ts'
import { ThreadTurns } from '../../../gateway/capacity/thread-turns.ts'

const THREADS = 3

/** Turns of three threads in one, and how often each was woken. */
function threeThreads(memory = new SharedMemory()) {
  const woken = [0, 0, 0]
  const turns = woken.map(
    (_, thread) => new ThreadTurns(memory, THREADS, thread, () => void woken[thread]!++),
  )
  return { turns: turns as [ThreadTurns, ThreadTurns, ThreadTurns], woken, memory }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20))

test('while nobody waits a free slot is no concern of anybody', async () => {
  const { turns, woken } = threeThreads()
  assert.equal(turns[0].draw(), false)
  await settled()
  assert.deepEqual(woken, [0, 0, 0])
})

test('a thread that waits alone has every turn', () => {
  const { turns } = threeThreads()
  turns[1].organizationCame()
  for (let i = 0; i < 5; i++) assert.equal(turns[1].draw(), true)
  assert.equal(turns[1].takeOffers(), 0)
})

test('threads have turns by the organizations that wait on them, wherever slots are freed', () => {
  const { turns } = threeThreads()
  turns[0].organizationCame()
  turns[2].organizationCame()
  turns[2].organizationCame()
  let own = 0
  for (let i = 0; i < 30; i++) if (turns[0].draw()) own++
  assert.equal(own, 10)
  assert.equal(turns[1].takeOffers(), 0)
  assert.equal(turns[2].takeOffers(), 20)
  assert.equal(turns[2].takeOffers(), 0)
})

test('a thread is woken when it gets a turn, and hears of those it got before it listened', async () => {
  const { turns, woken } = threeThreads()
  turns[1].organizationCame()
  turns[0].draw()
  turns[0].draw()
  await settled()
  assert.ok(woken[1]! >= 1)
  assert.equal(turns[1].takeOffers(), 2)
  const before = woken[1]!
  turns[0].draw()
  await settled()
  assert.equal(woken[1], before + 1)
})

test('a turn that is of no use is open to all others that wait', async () => {
  const { turns, woken } = threeThreads()
  turns[0].organizationCame()
  turns[1].organizationCame()
  turns[0].pass()
  await settled()
  assert.deepEqual(woken, [0, 1, 0])
  assert.deepEqual([turns[0].takeOpen(), turns[1].takeOpen(), turns[2].takeOpen()], [false, true, false])
  assert.equal(turns[1].takeOpen(), false)
})

test('a thread that died has no turns any more', () => {
  const { turns, memory } = threeThreads()
  turns[0].organizationCame()
  turns[1].organizationCame()
  releaseHeldBy(1, memory)
  for (let i = 0; i < 4; i++) assert.equal(turns[0].draw(), true)
})

/** Tells of every turn that its thread gets. */
const WAITER = `
const { workerData, parentPort } = require('node:worker_threads')
import(workerData.turns).then(async ({ ThreadTurns }) => {
  const { SharedMemoryView } = await import(workerData.view)
  const cells = new SharedMemoryView(workerData.map)
  const turns = new ThreadTurns(cells, workerData.threads, workerData.thread, () => {
    const offers = turns.takeOffers()
    for (let i = 0; i < offers; i++) parentPort.postMessage('got')
  })
  turns.organizationCame()
  setInterval(() => {}, 60_000)
  parentPort.postMessage('waits')
})`

test('an idle thread is woken by another, however often', async () => {
  const memory = new SharedMemory()
  const main = new ThreadTurns(memory, 2, 0, () => {})
  const module = (name: string) => new URL(`../../../gateway/capacity/${name}.ts`, import.meta.url).href
  const workerData = {
    turns: module('thread-turns'),
    view: module('shared-memory'),
    map: memory.map(),
    threads: 2,
    thread: 1,
  }
  const worker = new Worker(WAITER, { eval: true, workerData })
  await once(worker, 'message')
  for (let i = 0; i < 50; i++) {
    assert.equal(main.draw(), false)
    const [message] = await once(worker, 'message')
    assert.equal(message, 'got')
  }
  await worker.terminate()
})
